//! A page that stands alone, in a browser and on paper: text that can only be escaped, and elements that can only be closed.

/// How the page looks: no font, picture or script from elsewhere; on paper the head of a table stands on each page.
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

/// A page under construction.
#[derive(Debug)]
pub(super) struct Page {
    out: String,
    open: Vec<&'static str>,
}

impl Page {
    /// `<html>` to `<body>`.
    pub(super) fn new(title: &str) -> Self {
        let mut page = Self { out: "<!DOCTYPE html>\n".to_owned(), open: Vec::new() };
        page.start("html", &[("lang", "en")]);
        page.start("head", &[]);
        page.void("meta", &[("charset", "utf-8")]);
        page.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
        page.element("title", &[], title);
        page.start("style", &[]);
        // our own, and no text: there is nothing to escape in it
        page.out += STYLE;
        page.end();
        page.end();
        page.start("body", &[]);
        page
    }

    /// Opens an element on a line of its own.
    pub(super) fn start(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push('\n');
        self.open.push(name);
    }

    /// Closes the element that was opened last.
    pub(super) fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        self.out += &format!("</{name}>\n");
    }

    /// An element with text alone.
    pub(super) fn element(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        escape(text, &mut self.out);
        self.out += &format!("</{name}>\n");
    }

    /// A row of a table: its cells in `td`, or `th` in its head; those in the places of `numbers` stand to the right.
    pub(super) fn row<T: AsRef<str>>(&mut self, name: &'static str, cells: &[T], numbers: &[usize]) {
        self.tag("tr", &[]);
        for (place, cell) in cells.iter().enumerate() {
            let mut attributes = Vec::new();
            if name == "th" {
                attributes.push(("scope", "col"));
            }
            if numbers.contains(&place) {
                attributes.push(("class", "number"));
            }
            self.tag(name, &attributes);
            escape(cell.as_ref(), &mut self.out);
            self.out += &format!("</{name}>");
        }
        self.out += "</tr>\n";
    }

    /// A table with a head that is said again on each printed page. `rows` are written by the caller's function.
    pub(super) fn table(&mut self, head: &[&str], numbers: &[usize], rows: impl FnOnce(&mut Self)) {
        self.start("table", &[]);
        self.start("thead", &[]);
        self.row("th", head, numbers);
        self.end();
        self.start("tbody", &[]);
        rows(self);
        self.end();
        self.end();
    }

    /// Terms and what they are; those without a value are left out.
    pub(super) fn facts(&mut self, facts: &[(&str, String)]) {
        if facts.iter().all(|(_, value)| value.is_empty()) {
            return;
        }
        self.start("dl", &[("class", "facts")]);
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            self.element("dt", &[], name);
            self.element("dd", &[], value);
        }
        self.end();
    }

    /// The page, with everything closed.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn void(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push('\n');
    }

    fn tag(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out += name;
        for (attribute, value) in attributes {
            self.out += &format!(" {attribute}=\"");
            escape(value, &mut self.out);
            self.out.push('"');
        }
        self.out.push('>');
    }
}

/// Text as it may stand between tags and in an attribute. What HTML does not allow (control characters, noncharacters), and
/// what turns the direction of the text around it, becomes a blank.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' => out.push(' '),
            c if c.is_control() || u32::from(c) & 0xFFFE == 0xFFFE => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(text, &mut out);
        out
    }

    #[test]
    fn no_text_becomes_markup() {
        for (text, expected) in [
            ("B-200", "B-200"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a & b &amp;", "a &amp; b &amp;amp;"),
            ("\" onclick='x'", "&quot; onclick=&#39;x&#39;"),
            ("Müller 日本 \u{1f600}", "Müller 日本 \u{1f600}"),
            ("a\0b\nc\u{85}d\u{7f}e", "a b c d e"),
            ("\u{202e}evil\u{2069}", " evil "),
            ("\u{ffff}\u{fffe}\u{1ffff}\u{fdd0}", "    "),
            ("", ""),
        ] {
            assert_eq!(escaped(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_element_is_closed_in_its_order() {
        let mut page = Page::new("<t>");
        page.start("section", &[("id", "a\"b")]);
        page.table(&["x", "n"], &[1], |page| page.row("td", &["1 < 2", "3"], &[1]));
        page.start("div", &[]);
        let html = page.finish();
        assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"), "{html}");
        assert!(html.contains("<title>&lt;t&gt;</title>"), "{html}");
        assert!(html.contains("<section id=\"a&quot;b\">"), "{html}");
        assert!(
            html.contains("<tr><th scope=\"col\">x</th><th scope=\"col\" class=\"number\">n</th></tr>"),
            "{html}"
        );
        assert!(html.contains("<tr><td>1 &lt; 2</td><td class=\"number\">3</td></tr>"), "{html}");
        assert!(html.ends_with("</div>\n</section>\n</body>\n</html>\n"), "{html}");
    }

    #[test]
    fn facts_without_a_value_are_left_out() {
        let mut page = Page::new("t");
        page.facts(&[("Date", String::new())]);
        page.facts(&[("Date", "2026-11-20".to_owned()), ("Terms", String::new())]);
        let html = page.finish();
        assert_eq!(html.matches("<dl").count(), 1);
        assert!(html.contains("<dt>Date</dt>\n<dd>2026-11-20</dd>") && !html.contains("Terms"), "{html}");
    }

    #[test]
    fn nothing_is_taken_from_elsewhere() {
        let html = Page::new("t").finish();
        for reference in ["http", "url(", "@import", "src=", "href="] {
            assert!(!html.contains(reference), "{reference}");
        }
    }
}
