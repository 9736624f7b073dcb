//! Documents for people: pages that stand alone, in a browser and on paper, and the proof of the arithmetic.

use crate::nights::{acme_site, lay_out, order, repository, run, scratch, write};
use expect_test::expect;
use serde_json::Value;
use std::path::Path;

/// An order and an invoice whose texts would be markup, of a partner who bills by the hundred.
fn site() -> tempfile::TempDir {
    let site = scratch();
    lay_out(&repository("tests/golden/acknowledgments_of_what_we_sent/site"), site.path());
    write(
        site.path(),
        "masters/items.csv",
        b"item,description,unit\n10-1,\"<b>Bolt</b> & \"\"nut\"\"\",EA\n",
    );
    let order = order(1, "P-1", "00", 10)
        .replace("BEG*00*SA*P-1**20261119~\n", "BEG*00*SA*P-1**20261119~\nN1*ST*Store <7> & Sons*92*0007~\nN3*1 Main St~\nN4*Springfield*IL*62701~\n")
        .replace("PO1*1*10*EA*1.5**BP*A-1~\n", "PO1*1*500*EA*2.005*HP*BP*A-1~\n")
        .replace("SE*5*", "SE*8*");
    write(site.path(), "inbox/orders/order.edi", order.as_bytes());
    let invoice = "invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price,tax,freight,allowance\n\
                   INV-1,2026-11-20,P-1,ACME,1,10-1,500,EA,0.02005,1.00,2.00,0.50\n";
    write(site.path(), "inbox/invoices/posted.csv", invoice.as_bytes());
    let out = run(site.path(), &["run", "--date", "2026-11-20"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stdout));
    site
}

fn says(site: &Path, arguments: &[&str]) -> String {
    let out = run(site, arguments);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Every element is closed in its order, and nothing but our own elements is there.
pub(crate) fn assert_sound(html: &str) {
    const VOID: [&str; 2] = ["meta", "!DOCTYPE"];
    const KNOWN: [&str; 25] = [
        "html", "head", "title", "style", "body", "section", "h1", "h2", "p", "dl", "dt", "dd", "div",
        "table", "thead", "tbody", "tr", "th", "td", "meta", "!DOCTYPE", "main", "footer", "header", "span",
    ];
    let mut open: Vec<&str> = Vec::new();
    for (at, _) in html.match_indices('<') {
        let tag = html[at + 1..].split('>').next().unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "at byte {at}");
            continue;
        }
        let name = tag.split(' ').next().unwrap();
        assert!(KNOWN.contains(&name), "{name} is no element of ours");
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for elsewhere in ["http", "url(", "src=", "href=", "<script", "<link"] {
        assert!(!html.contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn an_invoice_is_a_page_with_the_customer_s_number_next_to_ours() {
    let site = site();
    let html = says(site.path(), &["invoice", "show", "INV-1", "--as", "html"]);
    assert_sound(&html);
    for part in [
        "<html lang=\"en\">",
        "<title>Invoice INV-1</title>",
        "@page",
        "thead { display: table-header-group }",
        "<th scope=\"col\">Customer Item#</th><th scope=\"col\">Our item</th>",
        "<td>A-1</td><td>10-1</td><td>&lt;b&gt;Bolt&lt;/b&gt; &amp; &quot;nut&quot;</td>",
        "<td class=\"number\">2.005 HP</td><td class=\"number\">10.03</td>",
        "<p>Store &lt;7&gt; &amp; Sons</p>",
        "<p>Springfield IL 62701</p>",
        "<td>Total USD</td><td class=\"number\">12.53</td>",
        "<td class=\"number\">100</td><td class=\"number\">10.025</td><td class=\"number\">10.03</td>",
        "lines 10.03 - allowances 0.50 + charges 2.00 + tax 1.00 = 12.53 (TDS01 1253)",
        "outbox/acme/810-000000003.edi, sent",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
}

#[test]
fn an_order_is_a_page_with_the_customer_s_number_next_to_ours() {
    let site = site();
    let html = says(site.path(), &["order", "show", "P-1", "--as", "html"]);
    assert_sound(&html);
    for part in [
        "<title>Purchase order P-1</title>",
        "<th scope=\"col\">Customer Item#</th><th scope=\"col\">Our item</th>",
        "<td>1</td><td>A-1</td><td>10-1</td>",
        "<td class=\"number\">500 EA</td><td class=\"number\">500 EA</td><td class=\"number\">0.02005</td>",
        "<h2>Ship to</h2>\n<p>Store &lt;7&gt; &amp; Sons</p>\n<p>1 Main St</p>",
        "<td>ordered</td>",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
}

#[test]
fn an_invoice_shows_the_proof_of_its_arithmetic_in_every_form() {
    let site = site();
    let text = says(site.path(), &["invoice", "show", "INV-1"]);
    expect![[r#"
        invoice INV-1 of 2026-11-20 to ACME (acme), sent
        purchase order P-1 of 2026-11-19
         line   Customer Item#   item   description           quantity   price      amount
        ───────────────────────────────────────────────────────────────────────────────────
         1      A-1              10-1   <b>Bolt</b> & "nut"   500 EA     2.005 HP   10.03
        allowance Allowance 0.50
        charge Freight 2.00
        tax 1.00
        total 12.53 USD
        note: E141 text of ours that was altered for this partner at segment 5 (N1-02): "Store <7> & Sons" (written as "Store <7  & Sons")
        note: E141 text of ours that was altered for this partner at segment 9 (PID-05): "<b>Bolt</b> & \"nut\"" (written as "<b Bolt</b  & \"nut\"")
        810: outbox/acme/810-000000003.edi, sent
        proof:
          line 1: 500 x 2.005 / 100 = 10.025, billed 10.03
          lines 10.03 - allowances 0.50 + charges 2.00 + tax 1.00 = 12.53 (TDS01 1253)
    "#]]
    .assert_eq(&text);
    let json: Value =
        serde_json::from_str(&says(site.path(), &["invoice", "show", "INV-1", "--as", "json"])).unwrap();
    let proof = &json["proof"];
    assert_eq!((&proof["lines"][0]["exact"], &proof["lines"][0]["holds"]), (&"10.025".into(), &true.into()));
    assert_eq!(
        (&proof["total"], &proof["tds01"], &proof["wrong"]),
        (&"12.53".into(), &"1253".into(), &"".into())
    );
    assert_eq!(
        json,
        serde_json::from_str::<Value>(&says(site.path(), &["--format", "json", "invoice", "show", "INV-1"]))
            .unwrap()
    );
}

#[test]
fn a_document_goes_into_a_file_whole_or_not_at_all() {
    let site = site();
    let file = site.path().join("page.html");
    let path = file.to_str().unwrap();
    for arguments in [&["invoice", "show", "INV-1"][..], &["order", "show", "P-1"]] {
        let shown = says(site.path(), &[arguments, &["--as", "html"]].concat());
        assert_eq!(
            says(site.path(), &[arguments, &["--as", "html", "--out", path]].concat()),
            format!("{path}\n")
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), shown);
        let named =
            says(site.path(), &[arguments, &["--format", "json", "--as", "html", "--out", path]].concat());
        assert_eq!(serde_json::from_str::<Value>(&named).unwrap()["file"], path);
    }
    let before = std::fs::read(&file).unwrap();
    for arguments in [
        &["invoice", "show", "NONE", "--as", "html", "--out", path][..],
        &["order", "show", "NONE", "--as", "html", "--out", path],
        &["order", "show", "P-1", "--as", "html", "--out", "nowhere/page.html"],
        &["order", "show", "P-1", "--as", "pdf"],
    ] {
        assert_eq!(run(site.path(), arguments).status.code(), Some(2), "{arguments:?}");
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
}

#[test]
fn five_thousand_lines_are_one_table_with_one_head() {
    let site = acme_site();
    let mut body = String::from("BEG*00*SA*P-1**20261119~\n");
    for line in 1..=5_000 {
        body += &format!("PO1*{line}*1*EA*1.5**BP*A-1~\n");
    }
    let bytes = order(1, "P-1", "00", 1).replace(
        "BEG*00*SA*P-1**20261119~\nPO1*1*1*EA*1.5**BP*A-1~\nCTT*1~\nSE*5*",
        &format!("{body}CTT*5000~\nSE*5004*"),
    );
    write(site.path(), "inbox/orders/1.edi", bytes.as_bytes());
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-20"]).status.code(), Some(0));
    let html = says(site.path(), &["order", "show", "P-1", "--as", "html"]);
    assert_sound(&html);
    assert_eq!((html.matches("<thead>").count(), html.matches("<tr><td>").count()), (1, 5_000));
}
