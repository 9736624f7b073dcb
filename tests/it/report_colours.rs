//! The colours of a report's page can be told from their ground, in light and dark, by the measure of WCAG 2.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../src/report/html/page.css");

#[test]
fn text_and_lines_stand_out_from_their_ground_in_both_themes() {
    let light = colours(STYLE.split(":root {").nth(1).unwrap());
    let dark = colours(STYLE.split(":root[data-theme=\"dark\"] {").nth(1).unwrap());
    let system = colours(STYLE.split(":root:not([data-theme=\"light\"]) {").nth(1).unwrap());
    assert_eq!(dark, system, "chosen or of the system, dark is dark");
    for (theme, colours) in [("light", light), ("dark", dark)] {
        // text, its ground, and the least contrast: 4.5 for text, 3 for what is drawn
        let mut pairs = vec![
            ("--text".to_owned(), "--panel", 4.5),
            ("--text".to_owned(), "--ground", 4.5),
            ("--text".to_owned(), "--bar", 4.5),
            ("--text".to_owned(), "--note", 4.5),
            ("--muted".to_owned(), "--panel", 4.5),
            ("--muted".to_owned(), "--ground", 4.5),
            ("--accent".to_owned(), "--panel", 4.5),
            ("--accent".to_owned(), "--ground", 4.5),
        ];
        pairs.extend((1..=8).map(|at| (format!("--series-{at}"), "--panel", 3.0)));
        for (front, back, least) in pairs {
            let contrast = contrast(colours[front.as_str()], colours[back]);
            assert!(contrast >= least, "{theme}: {front} on {back} has {contrast:.2}, less than {least}");
        }
    }
}

fn colours(block: &'static str) -> BTreeMap<&'static str, u32> {
    let inside = block.split('}').next().unwrap();
    inside
        .split(';')
        .filter_map(|line| line.trim().split_once(": #"))
        .map(|(name, colour)| (name, u32::from_str_radix(colour, 16).unwrap()))
        .collect()
}

#[expect(clippy::float_arithmetic, reason = "the measure is made of floats")]
fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[expect(clippy::float_arithmetic, reason = "the measure is made of floats")]
fn luminance(colour: u32) -> f64 {
    let part = |shift: u32| {
        let part = f64::from(colour >> shift & 0xFF) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
}
