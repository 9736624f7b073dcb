//! How much of a file is in memory does not depend on how much of it there is.

use super::*;
use crate::domain::item::Masters;
use crate::run::sets::tests::Laid;
use crate::x12::envelope::scan;

/// One interchange; in each group so many sets.
fn file(groups: usize, sets: usize) -> String {
    let mut text = "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*000000001*0*P*>~"
        .to_owned();
    for group in 1..=groups {
        text += &format!("GS*PO*ACMEPO*NORTHWIND*20261119*2130*{group}*X*004010~");
        for set in 1..=sets {
            text += &format!("ST*850*{set:04}~SE*2*{set:04}~");
        }
        text += &format!("GE*{sets}*{group}~");
    }
    text + &format!("IEA*{groups}*000000001~")
}

/// The offsets of the sets, and the most that was ready at once.
fn walk(laid: &Laid, text: &str) -> (Vec<u64>, usize) {
    let inputs = [laid.input(text.as_bytes())];
    let Content::X12 { index, .. } = &inputs[0].content else { panic!("it is X12") };
    let groups = &index.interchanges[0].groups;
    assert_eq!(groups.iter().map(|group| group.sets.len()).sum::<usize>(), 0, "the look keeps no set");
    assert_eq!(groups.len(), 1, "and of the groups the first");
    let (xref, _) = XrefIndex::build(Masters::default(), Vec::new());
    let settings = &laid.settings;
    let judge = Judge {
        company: &settings.company,
        profiles: &laid.profiles,
        index: &xref,
        unresolved: settings.unresolved,
        date: Date::constant(2026, 11, 20),
        limits: &settings.limits.x12,
    };
    let mut stream = Stream::new(judge, &inputs);
    let (mut offsets, mut most) = (Vec::new(), 0);
    while let Some(item) = stream.try_next().unwrap() {
        most = most.max(stream.ready.len() + 1);
        if let Item::Set(set) = item {
            offsets.push(set.0.set.offset);
        }
    }
    (offsets, most)
}

#[test]
fn four_times_the_file_is_no_more_in_memory_and_each_set_comes_in_its_place() {
    let laid = Laid::out();
    for (groups, sets) in [(1, 8_200), (4, 8_200), (8_200, 1), (16_400, 0)] {
        let text = file(groups, sets);
        let index = scan(text.as_bytes(), &Limits::default()).unwrap();
        let places = index.interchanges[0].groups.iter().flat_map(|group| &group.sets);
        let (offsets, most) = walk(&laid, &text);
        assert_eq!(offsets, places.map(|set| set.offset).collect::<Vec<_>>(), "{groups} x {sets}");
        assert_eq!(most, BATCH_ITEMS_MAX, "{groups} x {sets}");
    }
}

#[test]
fn large_sets_are_bounded_by_their_bytes() {
    let laid = Laid::out();
    let padding = format!("MSG*{}~", "x".repeat(60_000));
    let text = file(1, 200).replace("SE*2", &format!("{padding}SE*3"));
    let (offsets, most) = walk(&laid, &text);
    assert_eq!(offsets.len(), 200);
    // the group begins the first batch
    let sets = usize::try_from(BATCH_BYTES).unwrap() / padding.len();
    assert!((sets..=sets + 2).contains(&most), "{most} ready, {sets} are a batch");
}
