//! How the page of an order or an invoice looks.

use crate::markup::Page;

/// No font, picture or script from elsewhere; on paper the head of a table stands on each page.
const STYLE: &str = "\
@page { margin: 14mm 12mm }
* { box-sizing: border-box }
body { font: 14px/1.4 system-ui, sans-serif; color: #111; background: #fff; max-width: 1100px; margin: 0 auto; padding: 24px }
h1 { font-size: 24px; margin: 0 0 4px }
h2 { font-size: 16px; margin: 28px 0 8px }
p { margin: 4px 0 }
section + section { border-top: 2px solid #111; margin-top: 32px; padding-top: 24px }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 12px 0 }
.facts dt { color: #555 }
.facts dd { margin: 0 }
.parties { display: flex; flex-wrap: wrap; gap: 16px 48px; margin: 16px 0 }
.parties h2 { font-size: 12px; color: #555; margin: 0 }
table { border-collapse: collapse; width: 100%; margin: 12px 0 }
th, td { padding: 4px 8px; text-align: left; vertical-align: top; border-bottom: 1px solid #ccc; overflow-wrap: break-word; max-width: 24em }
th { border-bottom: 2px solid #111 }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.small { color: #555; font-size: 12px }
.sums { width: auto; margin-left: auto }
.sums tr:last-child > * { border-bottom: 3px double #111; font-weight: bold }
.wrong { font-weight: bold }
.mark { border: 3px solid #111; padding: 8px 12px; margin: 12px 0; font-weight: bold; overflow-wrap: anywhere }
@media print {
body { font-size: 9pt; max-width: none; margin: 0; padding: 0 }
thead { display: table-header-group }
tr { break-inside: avoid }
h2 { break-after: avoid }
section + section { break-before: page; border-top: 0; margin-top: 0; padding-top: 0 }
}
";

/// `<html>` to `<body>` of a document's page.
pub(super) fn page(title: &str) -> Page {
    Page::new(title, "", STYLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_from_elsewhere() {
        let html = page("t").finish();
        for reference in ["http", "url(", "@import", "src=", "href="] {
            assert!(!html.contains(reference), "{reference}");
        }
    }
}
