//! A page that stands alone, in a browser and on paper: text that can only be escaped, and elements that can only be closed.

use serde::Serialize;

/// A page under construction.
#[derive(Debug)]
pub(crate) struct Page {
    out: String,
    open: Vec<&'static str>,
}

impl Page {
    /// `<html>` to `<body>`. What the browser may load and run is said before anything else, unless `policy` is empty.
    pub(crate) fn new(title: &str, policy: &str, style: &'static str) -> Self {
        let mut page = Self { out: "<!DOCTYPE html>\n".to_owned(), open: Vec::new() };
        page.start("html", &[("lang", "en")]);
        page.start("head", &[]);
        page.void("meta", &[("charset", "utf-8")]);
        if !policy.is_empty() {
            page.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", policy)]);
        }
        page.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
        page.element("title", &[], title);
        page.own("style", style);
        page.end();
        page.start("body", &[]);
        page
    }

    /// A style or a script of ours: what stands in the program is not escaped, and a hash names its text to the last byte.
    pub(crate) fn own(&mut self, name: &'static str, text: &'static str) {
        self.tag(name, &[]);
        self.out += text;
        self.out += &format!("</{name}>\n");
    }

    /// Data for a script, which no text in it can end.
    pub(crate) fn data(&mut self, id: &str, data: &impl Serialize) -> serde_json::Result<()> {
        self.tag("script", &[("type", "application/json"), ("id", id)]);
        for c in serde_json::to_string(data)?.chars() {
            // outside its strings JSON has none of these
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    self.out += &format!("\\u{:04x}", u32::from(c));
                }
                c => self.out.push(c),
            }
        }
        self.out += "</script>\n";
        Ok(())
    }

    /// Opens an element on a line of its own.
    pub(crate) fn start(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push('\n');
        self.open.push(name);
    }

    /// Closes the element that was opened last.
    pub(crate) fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        self.out += &format!("</{name}>\n");
    }

    /// An element with text alone.
    pub(crate) fn element(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.inline(name, attributes, text);
        self.out.push('\n');
    }

    /// The same on the line that is begun.
    pub(crate) fn inline(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        escape(text, &mut self.out);
        self.out += &format!("</{name}>");
    }

    /// A row of a table: its cells in `td`, or `th` in its head; those in the places of `numbers` stand to the right.
    pub(crate) fn row<T: AsRef<str>>(&mut self, name: &'static str, cells: &[T], numbers: &[usize]) {
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
    pub(crate) fn table(&mut self, head: &[&str], numbers: &[usize], rows: impl FnOnce(&mut Self)) {
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
    pub(crate) fn facts(&mut self, facts: &[(&str, String)]) {
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
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    pub(crate) fn void(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
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

/// Text as it may stand between tags and in an attribute.
fn escape(text: &str, out: &mut String) {
    for c in text.chars().map(shown) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// What HTML does not allow (control characters, noncharacters), and what turns the direction of the text around it, is a blank.
pub(crate) fn shown(c: char) -> char {
    match c {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' => ' ',
        c if c.is_control() || u32::from(c) & 0xFFFE == 0xFFFE => ' ',
        c => c,
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
        let mut page = Page::new("<t>", "", "");
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
        let mut page = Page::new("t", "", "");
        page.facts(&[("Date", String::new())]);
        page.facts(&[("Date", "2026-11-20".to_owned()), ("Terms", String::new())]);
        let html = page.finish();
        assert_eq!(html.matches("<dl").count(), 1);
        assert!(html.contains("<dt>Date</dt>\n<dd>2026-11-20</dd>") && !html.contains("Terms"), "{html}");
    }

    #[test]
    fn no_text_ends_the_script_that_carries_it() {
        let mut page = Page::new("t", "", "");
        page.data("d", &["</script><script>alert(1)</script>", "<!--", "a\u{2028}&\u{2029}"]).unwrap();
        let html = page.finish();
        let data = html.split("<script type=\"application/json\" id=\"d\">").nth(1).unwrap();
        let data = data.split("</script>").next().unwrap();
        assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{data}");
        let back: Vec<String> = serde_json::from_str(data).unwrap();
        assert_eq!(back, ["</script><script>alert(1)</script>", "<!--", "a\u{2028}&\u{2029}"]);
    }

    #[test]
    fn a_policy_stands_before_the_style_it_speaks_of() {
        let html = Page::new("t", "default-src 'none'", "p{}").finish();
        let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;\">\n";
        assert!(html.find(policy).unwrap() < html.find("<style>p{}</style>").unwrap(), "{html}");
        assert!(!Page::new("t", "", "").finish().contains("http-equiv"));
    }
}
