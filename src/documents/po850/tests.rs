//! 850s as they are sent, and the orders that they become.

use super::elements::date;
use super::{read, read_limited};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::money::plain_or_empty;
use crate::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use crate::x12::envelope::Limits;
use crate::x12::grammar::po850::PO_850;
use crate::x12::lexer::{Separators, segments};
use crate::x12::structure::structure;
use expect_test::{Expect, expect};
use proptest::prelude::*;

const SEPARATORS: Separators = Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

/// Segments without ST and SE, one a line, as one order.
fn order_of(text: &[u8]) -> (PurchaseOrder, Vec<Diagnostic>) {
    let set = [b"ST*850*0001~".as_slice(), text, b"~SE*1*0001~"].concat();
    let (tree, _) = structure(&PO_850, segments(&set, SEPARATORS, 0));
    read(&tree)
}

fn one_a_line(text: &str) -> Vec<u8> {
    text.split_whitespace().collect::<Vec<_>>().join("~").replace('_', " ").into_bytes()
}

fn numbers(numbers: &[ItemNumber]) -> String {
    numbers.iter().map(|n| format!("{}:{}", n.qualifier, n.value)).collect::<Vec<_>>().join(" ")
}

fn show_line(line: &OrderLine) -> String {
    format!(
        "{} [{}] {}={:?} {} @{}{} {} to {:?} {} {:?} pack {:?} segment {} {:?}\n",
        line.line,
        line.po_line_id,
        plain_or_empty(line.quantity),
        line.quantity_text,
        line.unit,
        plain_or_empty(line.price),
        line.price_basis,
        numbers(&line.numbers),
        line.ship_to,
        line.requested_date.map(|date| date.to_string()).unwrap_or_default(),
        line.description,
        line.pack,
        line.segment,
        line.flaws,
    )
}

/// Shows what is not empty of a value, a field a line.
fn show_parts(value: &impl serde::Serialize) -> String {
    let serde_json::Value::Object(parts) = serde_json::to_value(value).unwrap() else { return String::new() };
    let shown = parts.iter().map(|(name, part)| format!("{name}: {part}\n"));
    shown
        .filter(|part| !part.ends_with(": \"\"\n") && !part.ends_with(": []\n") && !part.ends_with("null\n"))
        .collect()
}

/// Shows the lines and the findings of an order.
fn check(text: &str, expected: &Expect) {
    let (order, findings) = order_of(&one_a_line(text));
    let lines: String = order.lines.iter().map(show_line).collect();
    let findings: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
    expected.assert_eq(&format!("{lines}{findings}"));
}

#[test]
fn the_heading_is_read_whole() {
    let (order, findings) = order_of(&one_a_line(
        "BEG*00*SA*4711*R1*20261120*C-9 CUR*BY*CAD REF*DP*023*JEWELLERY REF*IA*154880 PER*BD*Jo_Doe*TE*555*EM*jo@x \
         FOB*PP*ZZ*BAY_DC SAC*A*C310***1250*Z*2.5*.10*EA*4**02***Promo SAC*C*D240***500 ITD*08*2*2*20261201*10**45*****net \
         DTM*064*20261130 DTM*002****D8*20261201 DTM*010*soon TD5*O*2*UPSN*M*Ground N9*AH*159 MSG*first MSG*second \
         N1*BY*Acme_Inc*92*0042 N2*Second_name N3*1_Main_St*Suite_2 N4*Springfield*IL*62701*US PER*OC*Ann*FX*556 \
         N1*ST**UL*0012345000058 PO1**1*EA CTT*1*1 AMT*TT*12.50",
    ));
    assert_eq!(findings, []);
    let order = PurchaseOrder { lines: Vec::new(), ..order };
    expect![[r#"
        charges: [{"amount":"12.50","code":"C310","description":"Promo","handling":"02","indicator":"A","percent":"2.5","percent_basis":"Z","quantity":"4","rate":"0.10","unit":"EA"},{"amount":"5.00","code":"D240","description":"","handling":"","indicator":"C","percent":null,"percent_basis":"","quantity":null,"rate":null,"unit":""}]
        contacts: [{"function":"BD","name":"Jo Doe","numbers":[{"qualifier":"TE","value":"555"},{"qualifier":"EM","value":"jo@x"}]},{"function":"OC","name":"Ann","numbers":[{"qualifier":"FX","value":"556"}]}]
        contract: "C-9"
        currency: "CAD"
        customer: "0042"
        dates: [{"date":"2026-11-30","qualifier":"064","text":""},{"date":"2026-12-01","qualifier":"002","text":""},{"date":null,"qualifier":"010","text":"soon"}]
        fob: ["PP","ZZ","BAY DC"]
        notes: ["first","second"]
        order_type: "SA"
        parties: [{"address":["Second name","1 Main St","Suite 2"],"city":"Springfield","code":"0042","code_qualifier":"92","country":"US","name":"Acme Inc","postal_code":"62701","role":"BY","state":"IL"},{"address":[],"city":"","code":"0012345000058","code_qualifier":"UL","country":"","name":"","postal_code":"","role":"ST","state":""}]
        po_date: "2026-11-20"
        po_number: "4711"
        purpose: "00"
        received_lines: 1
        references: [{"description":"JEWELLERY","qualifier":"DP","value":"023"},{"description":"","qualifier":"IA","value":"154880"}]
        release: "R1"
        routing: [{"carrier":"UPSN","carrier_qualifier":"2","mode":"M","sequence":"O","text":"Ground"}]
        stated_amount: "12.50"
        stated_hash_total: "1"
        stated_line_count: 1
        terms: [{"basis":"2","description":"net","discount_days":10,"discount_due":"2026-12-01","kind":"08","net_days":45,"net_due":null,"percent":"2"}]
    "#]].assert_eq(&show_parts(&order));
}

#[test]
fn a_quantity_may_have_a_power_of_ten() {
    check(
        "BEG*00*SA*1**20261120 PO1*1*1.5E3*EA*125E-2**BP*7 PO1*2*1E-*EA*1E99**BP*7",
        &expect![[r#"
        1 [1] 1500="1.5E3" EA @1.25 BP:7 to ""  "" pack "" segment 3 []
        2 [2] ="1E-" EA @ BP:7 to ""  "" pack "" segment 4 []
    "#]],
    );
}

#[test]
fn ten_pairs_are_read_in_any_order_and_the_halves_are_told() {
    check(
        "BEG*00*SA*1**20261120 \
         PO1*1*2*EA*12.50*PE*UP*036000291452*BP*007*VN*V-1*IN*A*CB*B*PI*C*SK*D*MG*E*UK*F*EN*G PID*F****Bolt PO4*12 \
         PO1*2*1*EA***BP**VN*V-2**X-9*IN*_",
        &expect![[r#"
            1 [1] 2="2" EA @12.5PE UP:036000291452 BP:007 VN:V-1 IN:A CB:B PI:C SK:D MG:E UK:F EN:G to ""  "Bolt" pack "12" segment 3 []
            2 [2] 1="1" EA @ VN:V-2 to ""  "" pack "" segment 6 []
            E431 item number without its qualifier, or qualifier without its number at segment 6 (PO1-12): "IN" (PO1-13 is blank)
        "#]],
    );
}

#[test]
fn a_line_takes_ship_to_and_date_from_itself_first_and_then_from_the_heading() {
    check(
        "BEG*00*SA*1**20261120 DTM*010*20261210 DTM*002*20261201 N1*ST*Acme*92*0042 \
         PO1*1*1*EA \
         PO1*2*1*EA DTM*010*20261211 N1*ST*Shop*92*0043 \
         PO1*3*1*EA DTM*002*261202 N1*BT*Head*92*9 \
         PO1*4*1*EA DTM*002*20261301",
        &expect![[r#"
            1 [1] 1="1" EA @  to "0042" 2026-12-01 "" pack "" segment 6 []
            2 [2] 1="1" EA @  to "0043" 2026-12-01 "" pack "" segment 7 []
            3 [3] 1="1" EA @  to "0042" 2026-12-02 "" pack "" segment 10 []
            4 [4] 1="1" EA @  to "0042"  "" pack "" segment 13 []
        "#]],
    );
    check(
        "BEG*00*SA*1**20261120 DTM*010*20261210 PO1*1*1*EA PO1*2*1*EA DTM*010*20261211",
        &expect![[r#"
        1 [1] 1="1" EA @  to "" 2026-12-10 "" pack "" segment 4 []
        2 [2] 1="1" EA @  to "" 2026-12-11 "" pack "" segment 5 []
    "#]],
    );
}

#[test]
fn sdq_makes_a_line_for_each_ship_to() {
    check(
        "BEG*00*SA*1**20261120 N1*ST*DC*92*DC1 PO1*7*15*EA*2**BP*007 PID*F****Bolt \
         SDQ*EA*92*0001*1*0002*2*0003*1*0004*1*0005*1*0006*1*0007*1*0008*1*0009*1*0010*1 SDQ*EA*92*0011*4 \
         PO1*8*1*EA*2**BP*008 PO1*9**EA***BP*9 SDQ*EA*92*0001*3 CTT*3*16",
        &expect![[r#"
            1 [7] 1="1" EA @2 BP:007 to "0001"  "Bolt" pack "" segment 4 []
            2 [7] 2="2" EA @2 BP:007 to "0002"  "Bolt" pack "" segment 4 []
            3 [7] 1="1" EA @2 BP:007 to "0003"  "Bolt" pack "" segment 4 []
            4 [7] 1="1" EA @2 BP:007 to "0004"  "Bolt" pack "" segment 4 []
            5 [7] 1="1" EA @2 BP:007 to "0005"  "Bolt" pack "" segment 4 []
            6 [7] 1="1" EA @2 BP:007 to "0006"  "Bolt" pack "" segment 4 []
            7 [7] 1="1" EA @2 BP:007 to "0007"  "Bolt" pack "" segment 4 []
            8 [7] 1="1" EA @2 BP:007 to "0008"  "Bolt" pack "" segment 4 []
            9 [7] 1="1" EA @2 BP:007 to "0009"  "Bolt" pack "" segment 4 []
            10 [7] 1="1" EA @2 BP:007 to "0010"  "Bolt" pack "" segment 4 []
            11 [7] 4="4" EA @2 BP:007 to "0011"  "Bolt" pack "" segment 4 []
            12 [8] 1="1" EA @2 BP:008 to "DC1"  "" pack "" segment 8 []
            13 [9] 3="3" EA @ BP:9 to "0001"  "" pack "" segment 9 []
        "#]],
    );
}

#[test]
fn an_sdq_that_contradicts_its_line_flaws_every_part_of_it() {
    check(
        "BEG*00*SA*1**20261120 \
         PO1*1*10*EA***BP*1 SDQ*EA*92*0001*4*0002*5 \
         PO1*2*10*EA***BP*1 SDQ*CA*92*0001*10 \
         PO1*3*10*EA***BP*1 SDQ*EA*92*0001*4*0002*six \
         PO1*4*10*EA***BP*1 SDQ*EA*92*0001*4**6 \
         PO1*5*ten*EA***BP*1 SDQ*EA*92*0001*10 \
         PO1*6*10*EA***BP*1 SDQ*EA*92 \
         PO1*7*10*EA***BP*1 SDQ*EA*92*0001*99999999999999999999999999999*0002*99999999999999999999999999999",
        &expect![[r#"
            1 [1] 4="4" EA @ BP:1 to "0001"  "" pack "" segment 3 ["SDQ comes to 9, PO102 is \"10\""]
            2 [1] 5="5" EA @ BP:1 to "0002"  "" pack "" segment 3 ["SDQ comes to 9, PO102 is \"10\""]
            3 [2] 10="10" EA @ BP:1 to "0001"  "" pack "" segment 5 ["SDQ counts in \"CA\", PO103 is \"EA\""]
            4 [3] 4="4" EA @ BP:1 to "0001"  "" pack "" segment 7 ["SDQ gives \"six\" to ship-to 0002"]
            5 [3] ="six" EA @ BP:1 to "0002"  "" pack "" segment 7 ["SDQ gives \"six\" to ship-to 0002"]
            6 [4] 4="4" EA @ BP:1 to "0001"  "" pack "" segment 9 ["SDQ gives \"6\" to no ship-to"]
            7 [4] 6="6" EA @ BP:1 to ""  "" pack "" segment 9 ["SDQ gives \"6\" to no ship-to"]
            8 [5] 10="10" EA @ BP:1 to "0001"  "" pack "" segment 11 ["SDQ comes to 10, PO102 is \"ten\""]
            9 [6] 10="10" EA @ BP:1 to ""  "" pack "" segment 13 ["SDQ names no ship-to"]
            10 [7] ="99999999999999999999999999999" EA @ BP:1 to "0001"  "" pack "" segment 15 ["SDQ gives \"99999999999999999999999999999\" to ship-to 0001"]
            11 [7] ="99999999999999999999999999999" EA @ BP:1 to "0002"  "" pack "" segment 15 ["SDQ gives \"99999999999999999999999999999\" to ship-to 0001"]
            E432 ship-to quantities that do not agree with their line at segment 3 (PO1-02): "10" (SDQ comes to 9, PO102 is "10")
            E432 ship-to quantities that do not agree with their line at segment 5 (PO1-03): "EA" (SDQ counts in "CA", PO103 is "EA")
            E432 ship-to quantities that do not agree with their line at segment 7 (PO1-02): "10" (SDQ gives "six" to ship-to 0002)
            E432 ship-to quantities that do not agree with their line at segment 9 (PO1-02): "10" (SDQ gives "6" to no ship-to)
            E432 ship-to quantities that do not agree with their line at segment 11 (PO1-02): "ten" (SDQ comes to 10, PO102 is "ten")
            E432 ship-to quantities that do not agree with their line at segment 13 (PO1-02): "10" (SDQ names no ship-to)
            E432 ship-to quantities that do not agree with their line at segment 15 (PO1-02): "10" (SDQ gives "99999999999999999999999999999" to ship-to 0001)
        "#]],
    );
}

#[test]
fn an_amount_on_a_line_that_sdq_splits_counts_once() {
    let (order, _) = order_of(&one_a_line(
        "BEG*00*SA*1**20261120 PO1*1*2*EA***BP*1 SAC*A*C310***100 SAC*A*C310****3*5 SDQ*EA*92*1*1*2*1",
    ));
    let counts: Vec<usize> = order.lines.iter().map(|line| line.charges.len()).collect();
    assert_eq!(counts, [2, 1]);
}

#[test]
fn a_price_comes_from_ctp_where_po104_is_empty_and_it_is_what_we_are_paid() {
    for (text, expected) in [
        ("PO1*1*1*EA CTP**RES*69.95 CTP**UCP*34.98", "34.98"),
        ("PO1*1*1*EA*30 CTP**UCP*34.98", "30"),
        ("PO1*1*1*EA CTP*WS**34.98*1*EA", "34.98"),
        ("PO1*1*1*EA CTP**UCP*34.98*12", ""),
        ("PO1*1*1*EA CTP**UCP*34.98**DZ", ""),
        ("PO1*1*1*EA CTP**UCP*34.98**EA>1", "34.98"),
        ("PO1*1*1*EA CTP**MSR*34.98", ""),
        ("PO1*1*1*EA CTP**UCP*34.98***DIS*.57", ""),
    ] {
        let (order, _) = order_of(&one_a_line(text));
        assert_eq!(plain_or_empty(order.lines[0].price), expected, "{text}");
    }
}

#[test]
fn sublines_charges_and_references_of_a_line_are_kept() {
    let (order, _) = order_of(&one_a_line(
        "BEG*00*SA*1**20261120 PO1*1*2*EA***BP*1 REF*CO*77*x SAC*C*D240***250 SLN*1**I*3*EA>1*.5***BP*S-1*UP*2",
    ));
    expect![[r#"
        charges: [{"amount":"2.50","code":"D240","description":"","handling":"","indicator":"C","percent":null,"percent_basis":"","quantity":null,"rate":null,"unit":""}]
        line: 1
        numbers: [{"qualifier":"BP","value":"1"}]
        offset: 34
        po_line_id: "1"
        quantity: "2"
        quantity_text: "2"
        references: [{"description":"x","qualifier":"CO","value":"77"}]
        segment: 3
        sublines: [{"id":"1","numbers":[{"qualifier":"BP","value":"S-1"},{"qualifier":"UP","value":"2"}],"price":"0.5","quantity":"3","relationship":"I","unit":"EA"}]
        unit: "EA"
        unit_text: "EA"
    "#]].assert_eq(&show_parts(&order.lines[0]));
}

#[test]
fn totals_that_agree_in_any_usual_way_are_passed_and_others_are_told() {
    for (lines, totals, codes) in [
        ("PO1**2*EA*1.5 PO1**3*EA*2", "CTT*2*5 AMT*TT*9", ""),
        ("PO1**2*EA*1.5 PO1**3*EA*2", "CTT*3*6 AMT*TT*9.01", "E433 E434 E435"),
        ("PO1**2*EA*1.5 PO1**3*EA*2", "CTT*2", ""),
        ("AMT*TT*10 PO1**2*EA*1.5 PO1**3*EA*2", "", "E435"),
        // See field-notes: -.0018, .18, 1.8, 18.01 make 1855
        ("PO1**-.0018*EA PO1**.18*EA PO1**1.8*EA PO1**18.01*EA", "CTT*4*1855", ""),
        ("PO1**1.80*EA PO1**2*EA", "CTT*2*182", ""),
        ("PO1**1.80*EA PO1**2*EA", "CTT*2*20", ""),
        ("PO1**1.80*EA PO1**2*EA", "CTT*2*3.8", ""),
        ("PO1**9999999999*EA PO1**2*EA", "CTT*2*1", ""),
        ("PO1**200*EA*3.33*HP PO1**1*EA*1", "CTT*2*201 AMT*TT*7.66", ""),
        ("PO1**1*EA*0.125 PO1**1*EA*0.125", "CTT*2*2 AMT*TT*.25", ""),
        ("PO1**1*EA*0.125 PO1**1*EA*0.125", "CTT*2*2 AMT*TT*.26", ""),
        ("SAC*C*D240***500 PO1**1*EA*10 SAC*A*C310***100", "CTT*1 AMT*TT*14", ""),
        ("SAC*C*D240***500 PO1**1*EA*10", "CTT*1 AMT*TT*10", ""),
        ("PO1**1*EA*10*ZZ PO1**1*EA", "CTT*2 AMT*TT*99", ""),
        ("PO1**1*EA*10", "CTT*1 AMT*1*99", ""),
    ] {
        let (_, findings) = order_of(&one_a_line(&format!("BEG*00*SA*1**20261120 {lines} {totals}")));
        let found: Vec<&str> = findings.iter().map(|finding| finding.rule.code).collect();
        assert_eq!(found.join(" "), codes, "{lines} {totals}");
    }
}

#[test]
fn findings_about_totals_point_at_their_element() {
    check(
        "BEG*00*SA*1**20261120 PO1*1*2*EA*1.5**BP*1 CTT*3*6 AMT*TT*9.01",
        &expect![[r#"
        1 [1] 2="2" EA @1.5 BP:1 to ""  "" pack "" segment 3 []
        E433 number of lines that CTT states wrong at segment 4 (CTT-01): "3" (counted 1)
        E434 hash total that CTT states wrong at segment 4 (CTT-02): "6" (the quantities come to 2)
        E435 order total that is not the sum of its lines at segment 5 (AMT-02): "9.01" (the lines come to 3)
    "#]],
    );
}

#[test]
fn what_cannot_be_read_stays_empty_with_its_text() {
    check(
        "BEG*00*SA*1**20261120 PO1*1*two*EA*$5**BP*1 PO1*2*1,000*EA*1.50**BP*\u{e9}-1 PO1",
        &expect![[r#"
            1 [1] ="two" EA @ BP:1 to ""  "" pack "" segment 3 []
            2 [2] ="1,000" EA @1.5 BP:é-1 to ""  "" pack "" segment 4 []
            3 [] =""  @  to ""  "" pack "" segment 5 []
        "#]],
    );
}

#[test]
fn an_order_at_the_limit_is_read_and_one_beyond_it_is_refused() {
    let set = b"ST*850*1~BEG*00*SA*1**20261120~PO1*1*1*EA~PO1*2*3*EA~SDQ*EA*92*1*1*2*1*3*1~SE*1*1~";
    let (tree, _) = structure(&PO_850, segments(set, SEPARATORS, 0));
    let (order, findings) = read_limited(&tree, &Limits { lines_per_order_max: 4, ..Limits::default() });
    assert_eq!((order.lines.len(), findings.len()), (4, 0));
    let (order, findings) = read_limited(&tree, &Limits { lines_per_order_max: 3, ..Limits::default() });
    assert_eq!((order.lines.len(), findings[0].rule.code), (3, "E436"));
    assert_eq!(findings.len(), 1, "whether the rest adds up is not asked: {findings:?}");
}

#[test]
fn a_line_for_very_many_ship_tos_makes_no_more_lines_than_one_beyond_the_limit() {
    let pairs = "SDQ*EA*92*1*1*2*1*3*1*4*1*5*1*6*1*7*1*8*1*9*1*10*1~".repeat(5_000);
    let set = format!("ST*850*1~BEG*00*SA*1**20261120~PO1*1*50000*EA~{pairs}SE*1*1~");
    let (tree, _) = structure(&PO_850, segments(set.as_bytes(), SEPARATORS, 0));
    let (opener, _) = tree.top().find(|(_, node)| node.id() == "PO1").unwrap();
    for (lines_max, made) in [(50_000, 50_000), (49_999, 50_000), (12, 13), (0, 1)] {
        let (mut lines, mut findings) = (Vec::new(), Vec::new());
        super::sdq::split(&tree, opener, OrderLine::default(), (&mut lines, lines_max), &mut findings);
        assert_eq!(lines.len(), made, "{lines_max}");
    }
}

#[test]
fn dates_of_six_and_eight_digits_are_read() {
    for (text, expected) in [
        ("20261120", Some("2026-11-20")),
        ("261120", Some("2026-11-20")),
        ("681231", Some("2068-12-31")),
        ("690101", Some("1969-01-01")),
        ("991231", Some("1999-12-31")),
        ("20260229", None),
        ("20241301", None),
        ("2026-11-20", None),
        ("00000000", None),
        ("", None),
        ("2611", None),
    ] {
        assert_eq!(date(text.as_bytes()).map(|date| date.to_string()).as_deref(), expected, "{text}");
    }
}

fn rich_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "BEG*",
        "PO1*",
        "SDQ*EA*92*",
        "N1*ST*",
        "DTM*002*",
        "CTT*",
        "AMT*TT*",
        "CTP*",
        "SLN*",
        "SAC*A*",
        "~",
        "*",
        ">",
        "1",
        "9999999999999999999999999999",
        "-",
        ".",
        "EA",
        "20261120",
        "BP",
        "\u{e9}",
    ]);
    let rubbish = any::<u8>().prop_map(|byte| vec![byte]);
    let token = prop_oneof![9 => piece.prop_map(|text| text.as_bytes().to_vec()), 1 => rubbish];
    proptest::collection::vec(token, 0..80).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_lines_are_numbered_without_a_gap(text in rich_text()) {
        let (order, _) = order_of(&text);
        let numbers: Vec<u32> = order.lines.iter().map(|line| line.line).collect();
        prop_assert_eq!(numbers, (1..=u32::try_from(order.lines.len()).unwrap()).collect::<Vec<_>>());
        prop_assert!(order.lines.len() >= order.received_lines as usize);
    }

    /// Whatever the ship-tos, what is not flawed sums to PO102.
    #[test]
    fn an_sdq_without_a_flaw_sums_to_its_line(quantities in proptest::collection::vec(0u32..9, 1..25), total in 0u32..40) {
        let sdq: String = quantities
            .chunks(10)
            .map(|chunk| format!("~SDQ*EA*92{}", chunk.iter().map(|q| format!("*S{q}*{q}")).collect::<String>()))
            .collect();
        let (order, findings) = order_of(format!("BEG*00*SA*1**20261120~PO1*1*{total}*EA{sdq}").as_bytes());
        let agrees = quantities.iter().sum::<u32>() == total;
        prop_assert_eq!(order.lines.len(), quantities.len());
        prop_assert_eq!(order.lines.iter().all(|line| line.flaws.is_empty()), agrees);
        prop_assert_eq!(findings.is_empty(), agrees);
    }
}
