//! Log lines and the history of causes: who did and decided what, with the ids by which it is found again.

use crate::nights::{acme_site, night, order, program, run, write};
use serde_json::Value;

#[test]
fn each_step_of_a_file_is_a_line_with_its_ids() {
    let site = acme_site();
    write(site.path(), "inbox/orders/a\n2.edi", order(7, "P-1", "00", 1).as_bytes());
    write(site.path(), "inbox/orders/b.edi", order(7, "P-1", "00", 1).as_bytes());
    write(site.path(), "inbox/orders/c.edi", b"");
    let mut command = program(site.path());
    let out = command
        .args(["run", "--date", "2026-11-20", "-v"])
        .env("ITEMBRIDGE_LOG_FORMAT", "json")
        .output()
        .unwrap();
    let lines: Vec<Value> = String::from_utf8(out.stderr)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let line = |message: &str| {
        let mut found = lines.iter().filter(|line| line["message"] == message);
        found.next().unwrap_or_else(|| panic!("no {message:?} in {lines:#?}"))
    };
    assert_eq!(line("file claimed")["run"], "20261120-001");
    assert_eq!(line("file claimed")["file"], "orders/a%0A2.edi");
    assert_eq!(line("order taken")["order"], "20261120-001-0001-00001");
    assert_eq!(line("order taken")["state"], "ordered");
    let spans = line("order taken")["spans"].to_string();
    for id in ["20261120-001", "orders/a%0A2.edi", "000000007", "\"set\":\"0001\"", "\"group\":\"7\""] {
        assert!(spans.contains(id), "{id}: {spans}");
    }
    assert!(line("duplicate file")["spans"].to_string().contains("orders/b.edi"));
    assert_eq!(line("quarantined")["file"], "orders/c.edi");
    assert_eq!(line("sent")["interchange"], "000000001");
    assert_eq!(line("unit committed")["unit"], 1);
    assert!(line("published")["file"].as_str().unwrap().starts_with("quarantine/") || lines.len() > 8);
    assert_eq!(line("run ends")["exit_code"], 1);
}

#[test]
fn nothing_is_logged_of_a_sound_night_and_the_last_word_is_one_line() {
    let site = acme_site();
    write(site.path(), "inbox/orders/a.edi", order(7, "P-1", "00", 1).as_bytes());
    let out = run(site.path(), &["run", "--date", "2026-11-20"]);
    assert_eq!(String::from_utf8(out.stderr).unwrap(), "");
    let out = run(site.path(), &["--log-format", "json", "explain", "P\n\u{1b}[2J\u{202e}"]);
    for line in String::from_utf8(out.stderr).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "ERROR");
    }
    let nowhere = site.path().join("no\nsite\u{1b}[2J");
    let out = program(&nowhere).arg("status").output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(said.trim_end().lines().count() == 1 && !said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn a_cause_has_its_history_from_its_first_run_to_its_end() {
    let site = acme_site();
    let text = order(1, "P-1", "00", 1).replace("A-1", "B-7");
    write(site.path(), "inbox/orders/1.edi", text.as_bytes());
    assert_eq!(night(site.path(), &[]), 1);
    write(
        site.path(),
        "inbox/orders/2.edi",
        text.replace("000000001", "000000002").replace("P-1", "P-2").as_bytes(),
    );
    assert_eq!(night(site.path(), &[]), 1);
    let decisions = site.path().join("decisions.csv");
    std::fs::write(
        &decisions,
        "cause,decision,item,decided_by,reason\nunmapped/ACME/BP/B-7,map,10-1,Ida,=HYPERLINK(1)\n",
    )
    .unwrap();
    let out = run(site.path(), &["worklist", "apply", decisions.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stdout));
    assert_eq!(night(site.path(), &[]), 0);

    let asked = |arguments: &[&str]| {
        let out = run(site.path(), &[&["worklist", "history"], arguments].concat());
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let events = |arguments: &[&str]| -> Vec<String> {
        let rows: Vec<Value> =
            serde_json::from_str(&asked(&[arguments, &["--as", "json"]].concat())).unwrap();
        let word = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        rows.iter()
            .map(|row| {
                let words = ["event", "run_id", "what", "decided_by", "reason"].map(|name| word(row, name));
                format!("{} {}", row["exceptions"], words.join("|"))
            })
            .collect()
    };
    let due = [
        "1 came_up|20261120-001|||",
        "1 came_up|20261120-002|||",
        "0 decided||map|Ida|=HYPERLINK(1)",
        "2 ended|20261120-003|ordered||",
    ];
    assert_eq!(events(&["unmapped/ACME/BP/B-7"]), due);
    assert_eq!(events(&["--by", "Ida"]), due);
    assert_eq!(events(&["--by", "Otto"]), [] as [&str; 0]);
    assert_eq!(events(&["--to", "2020-01-01"]), [] as [&str; 0]);
    assert_eq!(events(&["--from", "2020-01-01"]).len(), 4);
    assert!(asked(&["--as", "csv"]).contains(",Ida,'=HYPERLINK(1)"), "{}", asked(&["--as", "csv"]));
    let table = asked(&[]);
    assert!(table.contains("map: ") && table.contains("2 ordered by run 20261120-003"), "{table}");
    assert_eq!(asked(&["no such cause"]), "nothing of the kind happened\n");
}
