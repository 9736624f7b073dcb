//! How good suggestions are on a made-up supplier whose true answers are known: what must not get worse. The figures of a larger set are in
//! benches/README.md.

use crate::truth::causes::Kind;
use crate::truth::measure::{Measured, permille, suggested};
use crate::truth::{Size, Truth};
use itembridge::xref::suggest::Suggestion;
use itembridge::xref::suggest::asked::Asked;
use itembridge::xref::suggest::catalogue::Catalogue;
use std::collections::BTreeSet;
use std::sync::OnceLock;

const SIZE: Size = Size { items: 700, customers: 8, numbers: 120, causes: 30 };

/// The set, and what is suggested for it: made once for all tests.
fn truth() -> &'static (Truth, Vec<Vec<Suggestion>>) {
    static TRUTH: OnceLock<(Truth, Vec<Vec<Suggestion>>)> = OnceLock::new();
    TRUTH.get_or_init(|| {
        let truth = Truth::new(7, SIZE);
        let found = suggested(&truth);
        (truth, found)
    })
}

#[test]
fn precision_and_recall_keep_their_floors() {
    let (truth, found) = truth();
    let measured = Measured::new(truth, found);
    let all = measured.all;
    let table = measured.table();
    assert!(all.causes > 400 && all.ours > 350, "{table}");
    assert!(permille(all.first, all.ours) >= 925, "recall@1\n{table}");
    assert!(permille(all.third, all.ours) >= 960, "recall@3\n{table}");
    assert!(permille(all.bold_right, all.bold) >= 960, "precision from 0.5\n{table}");
    let (count, right) = measured.bands[9];
    assert!(count >= 100 && permille(right, count) >= 990, "precision from 0.9\n{table}");
    let none = [Kind::NotOursNear, Kind::NotOursFar].map(|kind| measured.kinds[&kind]);
    let (bold, causes) = none.iter().fold((0, 0), |sum, tally| (sum.0 + tally.bold, sum.1 + tally.causes));
    assert!(bold * 20 <= causes, "what we do not sell is no item of ours\n{table}");
}

#[test]
fn a_higher_score_is_right_more_often() {
    let (truth, found) = truth();
    let bands = Measured::new(truth, found).bands;
    let sum = |from: usize, to: usize| {
        let (count, right) =
            bands[from..to].iter().fold((0, 0), |sum, band| (sum.0 + band.0, sum.1 + band.1));
        permille(right, count)
    };
    let steps = [sum(0, 2), sum(2, 5), sum(5, 8), sum(8, 10)];
    assert!(steps.is_sorted() && steps[0] < 200 && steps[1] > 400, "{steps:?}");
}

/// Rows come in any order, some twice, and questions beside one another do not change one another's answers.
#[test]
fn answers_do_not_depend_on_the_order_of_rows_or_questions() {
    let (truth, first) = truth();
    let masters = itembridge::domain::item::Masters { xrefs: Vec::new(), ..truth.masters.clone() };
    let catalogue = Catalogue::new(masters);
    let questions = truth.causes.iter().rev().map(|cause| cause.question.clone()).collect();
    let today = jiff::civil::date(2026, 11, 20);
    let mut asked = Asked::new(&catalogue, questions, today);
    for row in truth.masters.xrefs.iter().rev().chain(truth.masters.xrefs.iter().take(100)) {
        asked.row(row);
    }
    let mut again = asked.answers(3, 0);
    again.reverse();
    assert_eq!(again, *first);

    // only what is asked for need be seen
    let questions = truth.causes.iter().map(|cause| cause.question.clone()).collect();
    let mut asked = Asked::new(&catalogue, questions, today);
    let columns: BTreeSet<_> = asked.columns().into_iter().collect();
    let (own, others): (Vec<_>, Vec<_>) =
        truth.masters.xrefs.iter().partition(|row| columns.contains(row.scope.columns().0.as_ref()));
    let forms: BTreeSet<String> =
        asked.wanted().iter().map(|number| itembridge::xref::suggest::numbers::form(number)).collect();
    let like = |number: &str| forms.contains(&itembridge::xref::suggest::numbers::form(number));
    for row in own.into_iter().chain(others.into_iter().filter(|row| like(&row.customer_item))) {
        asked.row(row);
    }
    assert_eq!(asked.answers(3, 0), *first);
}
