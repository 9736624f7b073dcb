//! Sales of the shops: the rows of inbox/pos/*.csv, one sale each.

use crate::documents::csv_reading::table::{Cells, ColumnDef, Table};
use crate::documents::csv_reading::{Findings, values};
use crate::domain::customer_item::PosSale;
use crate::domain::diagnostic::{Diagnostic, Severity};
use std::io::{self, Read};

/// The columns of the contract. A file may leave `serials` out.
const COLUMNS: [ColumnDef; 10] = [
    ColumnDef { name: "receipt", required: true },
    ColumnDef { name: "line", required: true },
    ColumnDef { name: "sold_at", required: true },
    ColumnDef { name: "store", required: true },
    ColumnDef { name: "customer", required: true },
    ColumnDef { name: "item", required: true },
    ColumnDef { name: "quantity", required: true },
    ColumnDef { name: "unit_price", required: true },
    ColumnDef { name: "serials", required: false },
    ColumnDef { name: "paid", required: true },
];

/// So many findings of one file are told, the others only counted.
const FINDINGS_MAX: usize = 1_000;

/// Reads a file that is at hand. A row with an error makes no sale; each row is a sale or has an error among the
/// findings.
pub fn read(bytes: &[u8]) -> (Vec<PosSale>, Vec<Diagnostic>) {
    let mut sales = Vec::new();
    // bytes in memory never fail to be read
    let findings = each(bytes, |sale| sales.push(sale)).unwrap_or_default();
    (sales, findings)
}

/// How many sales a stream has, and its findings; memory does not grow with it.
pub fn survey(input: impl Read) -> io::Result<(u64, Vec<Diagnostic>)> {
    let mut sales = 0;
    let findings = each(input, |_| sales += 1)?;
    Ok((sales, findings))
}

fn each(input: impl Read, mut take: impl FnMut(PosSale)) -> io::Result<Vec<Diagnostic>> {
    let (mut sales, mut findings) = Sales::open(input)?;
    let mut found = Findings::new(FINDINGS_MAX);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok(findings);
    }
    while let Some((sale, of_row)) = sales.next_row()? {
        sale.into_iter().for_each(&mut take);
        for finding in of_row {
            found.push(finding);
        }
    }
    findings.extend(found.into_vec());
    Ok(findings)
}

/// The sales of a stream, row by row.
#[derive(Debug)]
pub struct Sales<R> {
    table: Table<R>,
}

impl<R: Read> Sales<R> {
    /// Reads the header. An error among the findings means that the file cannot be used.
    pub fn open(input: R) -> io::Result<(Self, Vec<Diagnostic>)> {
        let (table, findings) = Table::open(input, &COLUMNS)?;
        Ok((Self { table }, findings))
    }

    /// The next row: its sale unless there is an error among its findings. None at the end.
    pub fn next_row(&mut self) -> io::Result<Option<(Option<PosSale>, Vec<Diagnostic>)>> {
        let Some(mut cells) = self.table.next_row()? else { return Ok(None) };
        let sale = read_sale(&mut cells);
        let sale = cells.is_sound().then_some(sale);
        Ok(Some((sale, cells.into_findings())))
    }
}

fn read_sale(cells: &mut Cells<'_>) -> PosSale {
    for name in ["receipt", "line", "sold_at", "item", "quantity", "paid"] {
        cells.required(name);
    }
    let quantity = cells.parse("quantity", "a number that is not 0", |text| {
        crate::domain::money::parse_decimal(text).filter(|quantity| !quantity.is_zero())
    });
    let paid = cells.parse("paid", "yes or no", |text| match text.to_ascii_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    });
    PosSale {
        receipt: cells.text("receipt"),
        line: cells.parse("line", "a line number from 1", values::line_number).unwrap_or_default(),
        sold_at: cells.parse("sold_at", "2026-11-20 or 2026-11-20T14:03:00", values::iso_day),
        store: cells.text("store"),
        customer: cells.text("customer"),
        item: cells.text("item"),
        quantity: quantity.unwrap_or_default(),
        unit_price: cells.amount("unit_price"),
        serials: values::list(cells.get("serials")),
        paid: paid.unwrap_or_default(),
        row: cells.row().number,
        offset: cells.row().offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::plain_or_empty;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    const HEADER: &str = "receipt,line,sold_at,store,customer,item,quantity,unit_price,serials,paid\n";

    fn check(text: &str, expected: &Expect) {
        let (sales, findings) = read(text.as_bytes());
        let sales = sales.iter().map(|sale| {
            let PosSale { receipt, line, store, customer, item, serials, paid, row, offset, .. } = sale;
            let day = sale.sold_at.map(|day| day.to_string()).unwrap_or_default();
            let (quantity, price) = (plain_or_empty(Some(sale.quantity)), plain_or_empty(sale.unit_price));
            format!(
                "{receipt}/{line} {day} {store} {customer:?} {quantity} {item} @{price} {serials:?} paid {paid} row {row} byte {offset}\n"
            )
        });
        let findings = findings.iter().map(|finding| format!("{:?} {finding}\n", finding.severity));
        expected.assert_eq(&sales.chain(findings).collect::<String>());
    }

    #[test]
    fn sales_returns_and_walk_ins_are_read() {
        check(
            &format!(
                "{HEADER}R-1,1,2026-11-20T14:03:00,S1,ACME,0010,2,9.90,A1|A2,yes\r\n\
                R-1,2,2026-11-20 14:03:00,S1,,0011,-1,9.90,,NO\r\n\
                007,1,2026-11-20,,ACME,0012,1.5,,,Yes\r\n"
            ),
            &expect![[r#"
                R-1/1 2026-11-20 S1 "ACME" 2 0010 @9.9 ["A1", "A2"] paid true row 1 byte 74
                R-1/2 2026-11-20 S1 "" -1 0011 @9.9 [] paid false row 2 byte 131
                007/1 2026-11-20  "ACME" 1.5 0012 @ [] paid true row 3 byte 179
            "#]],
        );
    }

    #[test]
    fn a_row_that_cannot_be_read_makes_no_sale_and_is_named() {
        check(
            &format!(
                "{HEADER},1,2026-11-20,S1,,A,1,1,,yes\nR,0,11/20/2026,S1,,A,0,-1,,maybe\nR,,,S1,,,,,,\n\
                R,1,2026-11-20,S1,,A,1,1,,yes,x\nR,1,2026-11-20,S1,,\"A,1,1,,yes\nR,1,2026-11-20,S1,,A\0,1,1,,yes\n\
                R,9,2026-11-20,S1,,A,1,,,yes"
            ),
            &expect![[r#"
                R/9 2026-11-20 S1 "" 1 A @ [] paid true row 7 byte 243
                Error E541 required value missing at row 1 (line 2), column 1 "receipt"
                Error E542 value that cannot be read at row 2 (line 3), column 7 "quantity": "0" (expected a number that is not 0)
                Error E542 value that cannot be read at row 2 (line 3), column 10 "paid": "maybe" (expected yes or no)
                Error E542 value that cannot be read at row 2 (line 3), column 2 "line": "0" (expected a line number from 1)
                Error E542 value that cannot be read at row 2 (line 3), column 3 "sold_at": "11/20/2026" (expected 2026-11-20 or 2026-11-20T14:03:00)
                Error E542 value that cannot be read at row 2 (line 3), column 8 "unit_price": "-1" (expected a number that is not below 0)
                Error E541 required value missing at row 3 (line 4), column 2 "line"
                Error E541 required value missing at row 3 (line 4), column 3 "sold_at"
                Error E541 required value missing at row 3 (line 4), column 6 "item"
                Error E541 required value missing at row 3 (line 4), column 7 "quantity"
                Error E541 required value missing at row 3 (line 4), column 10 "paid"
                Error E511 row with more or fewer fields than the header at row 4 (line 5) (the header has 10 columns, the row has 11 fields)
                Error E514 quote without its other end at row 5 (line 6)
                Error E513 NUL byte in a value at row 6 (line 7), column 6 "item": "A"
            "#]],
        );
    }

    #[test]
    fn a_file_without_its_columns_is_refused_and_serials_may_be_absent() {
        check(
            "receipt,line,sold_at,store,customer,item,item,quantity,paid\nR,1,2026-11-20,S,,A,A,1,yes\n",
            &expect![[r#"
                Error E503 header over two columns at row 0 (line 1), column 7 "item" (for item)
                Error E501 required column missing at byte 0: "receipt, line, sold_at, store, customer, item, item, quantity, paid" (unit_price)
            "#]],
        );
        check(
            "",
            &expect![[r#"
                Error E504 file without a header
            "#]],
        );
        check(
            "PAID,receipt,line,sold_at,store,customer,item,quantity,unit_price\nyes,R,1,2026-11-20,S,,A,1,2\n",
            &expect![[r#"
                R/1 2026-11-20 S "" 1 A @2 [] paid true row 1 byte 66
            "#]],
        );
    }

    #[test]
    fn findings_are_capped_and_the_sound_rows_are_still_read() {
        let text = format!("{HEADER}{}R,1,2026-11-20,S,,A,1,1,,yes\n", "x,,,,,,,,,\n".repeat(1_000));
        let (sales, findings) = read(text.as_bytes());
        assert_eq!((sales.len(), findings.len()), (1, 1_001));
        assert_eq!(findings[1_000].detail, "4000 more are not shown");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_each_row_is_a_sale_or_has_an_error(
            bytes in proptest::collection::vec(prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), Just(b'1'), any::<u8>()], 0..200),
        ) {
            read(&bytes);
            let rows = [HEADER.as_bytes(), &bytes].concat();
            let (sales, findings) = read(&rows);
            let mut told: Vec<u64> = findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error)
                .map(|finding| finding.at.row)
                .chain(sales.iter().map(|sale| sale.row))
                .collect();
            told.sort_unstable();
            told.dedup();
            prop_assert_eq!(&told, &(1..=told.len() as u64).collect::<Vec<_>>());
        }
    }
}
