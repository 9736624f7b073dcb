//! Reports for the tests of their page: figures as a middling supplier has them, and texts of somebody who means harm.

use itembridge::report::page::{Chart, Report, Section};
use itembridge::report::table::{Cell, Column, Kind, Table, percent};

pub(crate) fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

pub(crate) fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// Figures as a year of a middling supplier gives them, the same in every run.
#[expect(clippy::too_many_lines, reason = "the figures of a whole report, in one place")]
pub(crate) fn sample() -> Report {
    let partners = [
        "NORTHWIND INDUSTRIAL",
        "Acme Tool & Die",
        "BAYSIDE MARINE",
        "Cobalt Rail",
        "DELTA AG",
        "Evergreen Parks",
        "FIRST RESPONSE",
        "Gulf Fasteners of Louisiana and Texas",
        "HARBOR",
        "Ironwood",
        "JUNIPER",
        "KESTREL AIR",
    ];
    let mut by_partner = Vec::new();
    let mut trend = Vec::new();
    let mut heat = Vec::new();
    for (at, partner) in partners.iter().enumerate() {
        let at_n = at as i128;
        let lines = 40 + 17 * ((at_n * 7 + 3) % 11) * (at_n + 1);
        let mapped = lines - lines * ((at_n * 5 + 2) % 9) / 30;
        let value = 1_000_000 * lines * 37 + 250_000 * at_n;
        by_partner.push(vec![
            text(partner),
            text(if at % 5 == 4 { "CAD" } else { "USD" }),
            Cell::Count(u64::try_from(lines).unwrap()),
            Cell::Count(u64::try_from(mapped).unwrap()),
            Cell::Percent(percent(mapped, lines)),
            Cell::Decimal(value),
            Cell::Percent(percent(value - value * ((at_n * 3) % 7) / 40, value)),
        ]);
        for week in 35..48_i128 {
            if (week + at_n) % 6 != 0 {
                heat.push(vec![
                    text(&format!("C-{:04} {partner}", 1000 + at * 37)),
                    text(&format!("2026-W{week}")),
                    Cell::Count(u64::try_from(3 + (week * at_n) % 19).unwrap()),
                    Cell::Percent(percent(100 - (week * 3 + at_n * 11) % 45, 100)),
                ]);
            }
        }
    }
    for week in 35..48_i128 {
        let total = 420 + (week * 31) % 170;
        let first = total - 60 + week;
        let last = (total - 90 + week * 2).min(total);
        trend.push(vec![
            text(&format!("2026-W{week}")),
            Cell::Count(u64::try_from(total).unwrap()),
            Cell::Percent(percent(last - 40, total)),
            Cell::Percent(percent(first.min(last), total)),
        ]);
    }
    let mut items = Vec::new();
    for at in 0..60_i128 {
        items.push(vec![
            text(partners[usize::try_from(at % 12).unwrap()]),
            text(&format!("{:06}-{}", 40_321 + at * 977, ["A", "B2", "K"][usize::try_from(at % 3).unwrap()])),
            text("Hex bolt, zinc plated, M8 \u{d7} 40"),
            Cell::Count(u64::try_from(2 + (at * 7) % 13).unwrap()),
            Cell::Decimal(9_850_000_000 / (at + 1) + 370_000),
        ]);
    }
    Report {
        name: "coverage",
        title: "How well customer numbers are mapped".to_owned(),
        key: vec!["lines"],
        params: vec![
            ("from", "2026-08-24".to_owned()),
            ("to", "2026-11-22".to_owned()),
            ("partner", "all".to_owned()),
            ("top", "20".to_owned()),
            ("made", "2026-11-22".to_owned()),
        ],
        notes: vec![
            "Two runs of this period were interrupted and taken up again; their lines count once.".to_owned(),
        ],
        sections: vec![
            Section {
                id: "trend",
                title: "Week by week".to_owned(),
                about:
                    "One row a week of arrival: the share of lines that were mapped, on arrival and by now."
                        .to_owned(),
                table: Table {
                    columns: vec![
                        column("week", Kind::Text),
                        column("lines", Kind::Count),
                        column("first_pass_pct", Kind::Percent),
                        column("final_pct", Kind::Percent),
                    ],
                    rows: trend,
                    totals: Vec::new(),
                    empty: String::new(),
                },
                chart: Some(Chart::Trend {
                    period: "week",
                    values: vec!["first_pass_pct", "final_pct"],
                    by: None,
                }),
            },
            Section {
                id: "by-partner",
                title: "By partner".to_owned(),
                about: "One row a partner and currency; shares are of lines and of value ordered.".to_owned(),
                table: Table {
                    columns: vec![
                        column("partner", Kind::Text),
                        column("currency", Kind::Text),
                        column("lines", Kind::Count),
                        column("lines_mapped", Kind::Count),
                        column("lines_pct", Kind::Percent),
                        column("value", Kind::Decimal),
                        column("value_pct", Kind::Percent),
                    ],
                    totals: vec![vec![
                        text("all"),
                        text("USD"),
                        Cell::Count(9_123),
                        Cell::Count(8_020),
                        Cell::Percent(Some(8_791)),
                        Cell::Decimal(337_551_500_000),
                        Cell::Percent(Some(9_304)),
                    ]],
                    rows: by_partner,
                    empty: String::new(),
                },
                chart: Some(Chart::Bars { label: vec!["partner"], value: "lines_pct", by: None }),
            },
            Section {
                id: "unmapped",
                title: "What waits, by value".to_owned(),
                about: "One row a number that leads nowhere, with the value of the lines that wait for it."
                    .to_owned(),
                table: Table {
                    columns: vec![
                        column("partner", Kind::Text),
                        column("customer_item", Kind::Text),
                        column("description", Kind::Text),
                        column("lines", Kind::Count),
                        column("value_waiting", Kind::Decimal),
                    ],
                    rows: items,
                    totals: Vec::new(),
                    empty: String::new(),
                },
                chart: Some(Chart::Pareto {
                    label: vec!["customer_item", "partner"],
                    value: "value_waiting",
                    share: None,
                    by: None,
                }),
            },
            Section {
                id: "customer-week",
                title: "Customers by week".to_owned(),
                about: "The share of a customer's lines of a week that is mapped.".to_owned(),
                table: Table {
                    columns: vec![
                        column("customer", Kind::Text),
                        column("week", Kind::Text),
                        column("lines", Kind::Count),
                        column("lines_pct", Kind::Percent),
                    ],
                    rows: heat,
                    totals: Vec::new(),
                    empty: String::new(),
                },
                chart: Some(Chart::HeatMap { row: "customer", column: "week", value: "lines_pct" }),
            },
            Section {
                id: "stale",
                title: "Rows nobody used".to_owned(),
                about: "One row a row of the cross-reference that no order of the period asked for."
                    .to_owned(),
                table: Table {
                    columns: vec![column("customer_item", Kind::Text)],
                    rows: Vec::new(),
                    totals: Vec::new(),
                    empty: "Every row was used in this period.".to_owned(),
                },
                chart: None,
            },
        ],
    }
}

/// What nobody calls an item, unless to see what happens.
pub(crate) const HOSTILE: &[&str] = &[
    "<img src=x onerror=\"window.hacked=1\">",
    "</script><script>window.hacked=1</script>",
    "<!--<script>",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "{a|b} {b} ${window.hacked=1} {value} %s",
    "'\"><svg onload=window.hacked=1>",
];

/// A report where every text that comes from outside is hostile, in every kind of chart.
pub(crate) fn hostile() -> Report {
    let rows = |second: Kind| -> Table {
        let row = |at: usize, name: &str| {
            let number = 100 - u64::try_from(at).unwrap();
            let second = if second == Kind::Text { text(HOSTILE[5 - at]) } else { Cell::Count(7) };
            vec![text(name), second, Cell::Count(number)]
        };
        Table {
            columns: vec![column("item", Kind::Text), column("other", second), column("lines", Kind::Count)],
            rows: HOSTILE.iter().enumerate().map(|(at, name)| row(at, name)).collect(),
            totals: Vec::new(),
            empty: String::new(),
        }
    };
    let section = |id, chart, second| Section {
        id,
        title: HOSTILE[0].to_owned(),
        about: HOSTILE[1].to_owned(),
        table: rows(second),
        chart: Some(chart),
    };
    Report {
        name: "coverage",
        title: HOSTILE[1].to_owned(),
        key: vec!["lines"],
        params: vec![("partner", HOSTILE[5].to_owned())],
        notes: HOSTILE.iter().map(ToString::to_string).collect(),
        sections: vec![
            section("bars", Chart::Bars { label: vec!["item"], value: "lines", by: None }, Kind::Text),
            section(
                "pareto",
                Chart::Pareto { label: vec!["item", "other"], value: "lines", share: None, by: None },
                Kind::Text,
            ),
            section(
                "trend",
                Chart::Trend { period: "item", values: vec!["lines"], by: Some("other") },
                Kind::Text,
            ),
            section("heat", Chart::HeatMap { row: "item", column: "other", value: "lines" }, Kind::Text),
        ],
    }
}

/// More rows than a page shows, with amounts that no float tells apart.
pub(crate) fn large() -> Report {
    let row = |at: i128| {
        let value = match at {
            3 => 90_071_992_547_409_930_000_000,
            7 => 90_071_992_547_409_930_010_000,
            5 => -20_000,
            150 => 80_000_000_000,
            at => (at + 1_000) * 1_000_000,
        };
        let share = if at == 9 { None } else { percent(at, 100) };
        vec![text(&format!("item {at}")), Cell::Percent(share), Cell::Decimal(value)]
    };
    Report {
        name: "coverage",
        title: "A long report".to_owned(),
        key: Vec::new(),
        params: vec![("from", "2026-01-01".to_owned()), ("to", "2026-01-31".to_owned())],
        notes: Vec::new(),
        sections: vec![Section {
            id: "rows",
            title: "Rows".to_owned(),
            about: "One row an item.".to_owned(),
            table: Table {
                columns: vec![
                    column("item", Kind::Text),
                    column("share_pct", Kind::Percent),
                    column("value", Kind::Decimal),
                ],
                rows: (0..1_234).map(row).collect(),
                totals: vec![vec![text("all"), Cell::Percent(None), Cell::Decimal(1_000_000)]],
                empty: String::new(),
            },
            chart: Some(Chart::Bars { label: vec!["item"], value: "value", by: None }),
        }],
    }
}
