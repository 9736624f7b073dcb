//! The questions: which rows of the cross-reference they need to see, and the answers.
//!
//! What our items say is collected at once, for all questions on all cores. Then every row of the columns that
//! [`Asked::columns`] names, and every row anywhere whose number is one of [`Asked::wanted`] in some writing, goes through
//! [`Asked::row`], in any order and more than once without harm. [`Asked::answers`] puts the evidence together.

use crate::domain::item::Xref;
use crate::domain::order::ItemNumber;
use crate::domain::resolution::LineOutcome;
use crate::domain::{Date, Decimal, Text};
use crate::xref::suggest::Suggestion;
use crate::xref::suggest::case::Case;
use crate::xref::suggest::catalogue::Catalogue;
use crate::xref::suggest::numbers::{NearKeys, form};
use hashbrown::HashMap;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Shorter numbers are one edit away from too many others.
const EDIT_FROM: usize = 4;

/// A number of a customer's, and what its lines say about it.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub customer: Text,
    /// The number that is asked for.
    pub number: ItemNumber,
    /// What the lines were found to be; None where none waits.
    pub outcome: Option<LineOutcome>,
    /// All numbers of the lines, this one among them.
    pub numbers: BTreeSet<ItemNumber>,
    /// The qualifiers (element 235) whose numbers are ours, by the partner's profile.
    pub vendor_qualifiers: BTreeSet<Text>,
    pub description: Text,
    /// The ordered units.
    pub units: BTreeSet<Text>,
    /// Prices for one ordered unit, with that unit.
    pub prices: BTreeSet<(Text, Decimal)>,
    /// PO401 with the ordered unit.
    pub packs: BTreeSet<(Text, Text)>,
}

/// Questions under way.
#[derive(Debug)]
pub struct Asked<'c> {
    catalogue: &'c Catalogue,
    today: Date,
    cases: Vec<Case>,
    places: Places,
    /// The columns whose rows are own rows, with the customers that ask.
    columns: BTreeMap<Text, BTreeSet<Text>>,
    keys: NearKeys,
}

/// Where the questions are that a row may be about.
#[derive(Debug, Default)]
struct Places {
    by_form: HashMap<String, Vec<usize>>,
    by_near: HashMap<u64, Vec<usize>>,
    /// For numbers that a spreadsheet has rounded, by column.
    rounded: HashMap<Text, Vec<usize>>,
}

impl<'c> Asked<'c> {
    pub fn new(catalogue: &'c Catalogue, questions: Vec<Question>, today: Date) -> Self {
        let cases = questions.into_par_iter().map(|question| Case::new(catalogue, question)).collect();
        let mut asked = Self {
            catalogue,
            today,
            cases,
            places: Places::default(),
            columns: BTreeMap::new(),
            keys: NearKeys::default(),
        };
        for (place, case) in asked.cases.iter().enumerate() {
            asked.places.know(place, case, &mut asked.keys);
            let customer = &case.question.customer;
            for column in [Some(customer), catalogue.group_column(customer)].into_iter().flatten() {
                asked.columns.entry(column.clone()).or_default().insert(customer.clone());
                if case.is_rounded() {
                    asked.places.rounded.entry(column.clone()).or_default().push(place);
                }
            }
        }
        asked
    }

    /// The values of the column `customer` whose rows must all be seen: the customers that ask, and their groups.
    pub fn columns(&self) -> Vec<Text> {
        self.columns.keys().cloned().collect()
    }

    /// The numbers whose rows must be seen, at whatever customer, in whatever writing.
    pub fn wanted(&self) -> BTreeSet<Text> {
        self.cases.iter().flat_map(Case::writings).collect()
    }

    /// Takes what a row says. Rows that do not count are passed over.
    pub fn row(&mut self, row: &Xref) {
        let Some(end) = self.catalogue.sold(&row.item).filter(|_| row.active) else { return };
        let number = form(&row.customer_item);
        for place in self.places.by_form.get(&number).into_iter().flatten() {
            if let Some(case) = self.cases.get_mut(*place) {
                case.same_number(self.catalogue, row, end, self.today);
            }
        }
        let (column, _) = row.scope.columns();
        let Some(customers) = self.columns.get(column.as_ref()) else { return };
        if number.chars().count() >= EDIT_FROM {
            let near = self.keys.of(&number).iter().filter_map(|key| self.places.by_near.get(key));
            for place in near.flatten().copied().collect::<BTreeSet<usize>>() {
                let case = self.cases.get_mut(place);
                if let Some(case) = case.filter(|case| customers.contains(&case.question.customer)) {
                    case.near_number(row, end, &number);
                }
            }
        }
        for place in self.places.rounded.get(column.as_ref()).into_iter().flatten() {
            if let Some(case) = self.cases.get_mut(*place) {
                case.rounded_number(row, end);
            }
        }
    }

    /// For each question, in their order, the best items, at most so many, with at least this score.
    pub fn answers(self, most: usize, score_min: u32) -> Vec<Vec<Suggestion>> {
        let Self { catalogue, cases, .. } = self;
        let answer = |case: Case| {
            let mut found = case.answer(catalogue).ranked(most);
            found.retain(|suggestion| suggestion.score >= score_min);
            for suggestion in &mut found {
                let item = catalogue.item(&suggestion.item);
                suggestion.description = item.map(|item| item.description.clone()).unwrap_or_default();
            }
            found
        };
        cases.into_par_iter().map(answer).collect()
    }
}

impl Places {
    fn know(&mut self, place: usize, case: &Case, keys: &mut NearKeys) {
        let forms: BTreeSet<String> = case.writings().iter().map(|number| form(number)).collect();
        for form in forms.into_iter().filter(|form| !form.is_empty()) {
            self.by_form.entry(form).or_default().push(place);
        }
        if case.form.chars().count() >= EDIT_FROM {
            for key in keys.of(&case.form) {
                self.by_near.entry(*key).or_default().push(place);
            }
        }
    }
}
