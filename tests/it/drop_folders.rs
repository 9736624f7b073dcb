//! Drop folders as they really are: one table of what lies there, what a night makes of each, and that the next night is clean.

use crate::nights::{acme_site, files, night, order, program, run, summary, write};
use std::io::Write as _;
use std::path::Path;

const INBOX: &str = "inbox/orders";

/// Something in a drop folder, and what must become of it.
struct Case {
    name: &'static str,
    put: fn(&Path),
    exit: i32,
    /// Orders that are made of it.
    ordered: u64,
    /// What is left in the inbox, with its kind of entry for what is no file.
    left: &'static [&'static str],
    /// What the archive has of the day, below orders/.
    archived: &'static [&'static str],
    /// What the run's notes must say.
    note: &'static str,
}

fn put(site: &Path, name: &str, control: u32) {
    write(site, &format!("{INBOX}/{name}"), order(control, &format!("P-{control}"), "00", 1).as_bytes());
}

pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { name: "an empty file", put: |site| write(site, "inbox/orders/0.edi", b""), exit: 1, ordered: 0, left: &[], archived: &["0.edi"], note: "" },
    Case { name: "blanks", put: |site| write(site, "inbox/orders/0.edi", b" \r\n\r\n"), exit: 1, ordered: 0, left: &[], archived: &["0.edi"], note: "" },
    Case { name: "the same name in two folders", put: |site| { put(site, "1.edi", 1); put(site, "acme/1.edi", 2); }, exit: 0, ordered: 2, left: &[], archived: &["1.edi", "acme/1.edi"], note: "" },
    Case { name: "names that differ in case", put: |site| { put(site, "a.edi", 1); put(site, "A.EDI", 2); put(site, "a.Edi", 3); }, exit: 0, ordered: 3, left: &[], archived: &["A.EDI", "a-20260301-001-2.edi", "a-20260301-001.Edi"], note: "" },
    Case { name: "a name with a line end and an escape", put: |site| put(site, "x\n\u{1b}[2J.edi", 1), exit: 0, ordered: 1, left: &[], archived: &["x%0A%1B[2J.edi"], note: "" },
    Case { name: "a name that turns text", put: |site| put(site, "\u{202e}ide.xe", 1), exit: 0, ordered: 1, left: &[], archived: &["%E2%80%AEide.xe"], note: "" },
    Case { name: "a name like an option, a quote, a blank", put: |site| { put(site, "-rf", 1); put(site, "'\"`$(x).edi", 2); put(site, " a .edi", 3); }, exit: 0, ordered: 3, left: &[], archived: &[" a .edi", "'%22`$(x).edi", "-rf"], note: "" },
    Case { name: "names that Windows keeps", put: |site| { put(site, "CON", 1); put(site, "aux.edi", 2); put(site, "end.", 3); put(site, "end ", 4); }, exit: 0, ordered: 4, left: &[], archived: &["%43ON", "%61ux.edi", "end%20", "end%2E"], note: "" },
    Case { name: "a name that is no UTF-8", put: |site| put_named(site, b"\xff\xfe.edi", 1), exit: 0, ordered: 1, left: &[], archived: &["%FF%FE.edi"], note: "" },
    Case { name: "names that look like the folder above", put: |site| { put(site, "\u{2025}", 1); put(site, "\u{ff0e}\u{ff0e}", 2); put(site, "%2e%2e%2fx.edi", 3); }, exit: 0, ordered: 3, left: &[], archived: &["%2e%2e%2fx.edi", "\u{2025}", "\u{ff0e}\u{ff0e}"], note: "" },
    Case { name: "a folder in a partner's folder", put: |site| put(site, "acme/deep/er/1.edi", 1), exit: 0, ordered: 0, left: &["acme/deep/er/1.edi"], archived: &[], note: "inbox/orders/acme/deep is left where it is" },
    Case { name: "a file that is still being written", put: |site| put(site, "1.edi.part", 1), exit: 0, ordered: 0, left: &["1.edi.part"], archived: &[], note: "" },
    Case { name: "a link out of the site", put: |site| link(site, Path::new("/etc/hostname")), exit: 0, ordered: 0, left: &["link.edi (link)"], archived: &[], note: "inbox/orders/link.edi is left where it is: a symbolic link" },
    Case { name: "a link to nothing", put: |site| link(site, Path::new("nowhere")), exit: 0, ordered: 0, left: &["link.edi (link)"], archived: &[], note: "a symbolic link" },
    Case { name: "a link to a folder", put: |site| link(site, Path::new("/etc")), exit: 0, ordered: 0, left: &["link.edi (link)"], archived: &[], note: "a symbolic link" },
    Case { name: "a link to the inbox itself", put: |site| link(site, Path::new(".")), exit: 0, ordered: 0, left: &["link.edi (link)"], archived: &[], note: "a symbolic link" },
    Case { name: "a second name of a file elsewhere", put: |site| { put(site, "../../elsewhere.edi", 1); std::fs::hard_link(site.join("elsewhere.edi"), site.join("inbox/orders/1.edi")).unwrap(); }, exit: 0, ordered: 1, left: &[], archived: &["1.edi"], note: "" },
    Case { name: "a pipe", put: pipe, exit: 0, ordered: 0, left: &["pipe.edi (other)"], archived: &[], note: "inbox/orders/pipe.edi is left where it is: neither a file nor a folder" },
    Case { name: "a socket", put: |site| { std::os::unix::net::UnixListener::bind(site.join("inbox/orders/s.edi")).unwrap(); }, exit: 0, ordered: 0, left: &["s.edi (other)"], archived: &[], note: "neither a file nor a folder" },
    Case { name: "a compressed file", put: |site| write(site, "inbox/orders/1.edi.gz", &packed(order(1, "P-1", "00", 1).as_bytes())), exit: 0, ordered: 1, left: &[], archived: &["1.edi.gz"], note: "" },
    Case { name: "a compressed file under a plain name, a plain one under the other", put: |site| { write(site, "inbox/orders/1.edi", &packed(order(1, "P-1", "00", 1).as_bytes())); put(site, "2.edi.gz", 2); }, exit: 0, ordered: 2, left: &[], archived: &["1.edi", "2.edi.gz"], note: "" },
    Case { name: "the same bytes, once compressed", put: |site| { put(site, "1.edi", 1); write(site, "inbox/orders/2.edi.gz", &packed(order(1, "P-1", "00", 1).as_bytes())); }, exit: 0, ordered: 1, left: &[], archived: &["1.edi", "2.edi.gz"], note: "" },
    Case { name: "a compressed file that was cut off", put: |site| { let bytes = packed(order(1, "P-1", "00", 1).as_bytes()); write(site, "inbox/orders/1.gz", &bytes[..bytes.len() - 9]); }, exit: 1, ordered: 0, left: &[], archived: &["1.gz"], note: "" },
    Case { name: "an archive of several files", put: |site| write(site, "inbox/orders/1.zip", b"PK\x03\x04\x14\0\0\0"), exit: 1, ordered: 0, left: &[], archived: &["1.zip"], note: "" },
];

fn put_named(site: &Path, name: &[u8], control: u32) {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = site.join(INBOX);
    std::fs::create_dir_all(&folder).unwrap();
    let text = order(control, &format!("P-{control}"), "00", 1);
    std::fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), text).unwrap();
}

fn link(site: &Path, target: &Path) {
    std::fs::create_dir_all(site.join(INBOX)).unwrap();
    std::os::unix::fs::symlink(target, site.join(INBOX).join("link.edi")).unwrap();
}

/// A pipe that nobody writes to: whoever opens it waits for ever.
fn pipe(site: &Path) {
    let made = std::process::Command::new("mkfifo").arg(site.join(INBOX).join("pipe.edi")).status().unwrap();
    assert!(made.success());
}

/// Every entry below the inbox, links and pipes not opened.
fn entries(root: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(listed) = std::fs::read_dir(&folder) else { continue };
        for entry in listed {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            let name = entry.path().strip_prefix(root).unwrap().to_string_lossy().into_owned();
            match (kind.is_dir(), kind.is_symlink(), kind.is_file()) {
                (true, ..) => folders.push(entry.path()),
                (_, true, _) => found.push(format!("{name} (link)")),
                (.., true) => found.push(name),
                _ => found.push(format!("{name} (other)")),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_thing_in_a_drop_folder_becomes_what_it_must_and_the_next_night_is_clean() {
    let mut wrong = Vec::new();
    for case in CASES {
        let site = acme_site();
        std::fs::create_dir_all(site.path().join(INBOX)).unwrap();
        (case.put)(site.path());
        let exit = night(site.path(), &[]);
        let report = summary(site.path(), "20261120-001");
        let ordered = report["orders"]["ordered"].as_u64().unwrap_or_default();
        let left = entries(&site.path().join(INBOX));
        let archived = entries(&site.path().join("archive/2026/11/20/orders"));
        let archived: Vec<String> =
            archived.iter().map(|name| name.replace("20261120", "20260301")).collect();
        let notes = report["notes"].to_string();
        let came = format!("{exit} {ordered} {left:?} {archived:?}");
        let due = format!("{} {} {:?} {:?}", case.exit, case.ordered, case.left, case.archived);
        if came != due || !notes.contains(case.note) {
            wrong.push(format!("{}:\n  due  {due} {}\n  came {came} {notes}", case.name, case.note));
        }
        assert!(entries(&site.path().join("state/work")).is_empty(), "{}: work is left", case.name);
        let again = night(site.path(), &[]);
        let report = summary(site.path(), "20261120-002");
        let nothing = report["files"].as_object().is_some_and(serde_json::Map::is_empty);
        if again != 0 || !nothing || entries(&site.path().join(INBOX)) != left {
            wrong.push(format!("{}: the next night: {again} {}", case.name, report["files"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_and_folders_as_long_as_they_may_be_stop_nothing() {
    let site = acme_site();
    for (control, name) in [(1, "n".repeat(251) + ".edi"), (2, "%".repeat(255)), (3, "\u{9f8d}".repeat(85))] {
        put(site.path(), &name, control);
    }
    put_named(site.path(), &[0xff; 255], 4);
    let deep = format!("{}1.edi", "d/".repeat(600));
    put(site.path(), &deep, 5);
    assert_eq!(night(site.path(), &[]), 0);
    assert_eq!(summary(site.path(), "20261120-001")["orders"]["ordered"], 4);
    assert_eq!(entries(&site.path().join(INBOX)), [deep]);
    let archived = entries(&site.path().join("archive/2026/11/20/orders"));
    assert_eq!(archived.len(), 4);
    assert!(archived.iter().all(|name| name.len() <= 200), "{archived:?}");
    assert_eq!(night(site.path(), &[]), 0);
}

#[test]
fn one_name_on_one_day_and_on_several_is_archived_every_time() {
    let site = acme_site();
    for (control, date) in [(1, "2026-11-20"), (2, "2026-11-20"), (3, "2026-11-21"), (4, "2026-11-21")] {
        put(site.path(), "daily.edi", control);
        assert_eq!(run(site.path(), &["run", "--date", date]).status.code(), Some(0));
    }
    assert_eq!(
        entries(&site.path().join("archive")),
        [
            "2026/11/20/orders/daily-20261120-002.edi",
            "2026/11/20/orders/daily.edi",
            "2026/11/21/orders/daily-20261121-002.edi",
            "2026/11/21/orders/daily.edi",
        ]
    );
}

#[test]
fn a_folder_may_have_the_name_that_a_file_had() {
    let site = acme_site();
    put(site.path(), "acme", 1);
    assert_eq!(night(site.path(), &[]), 0);
    put(site.path(), "acme/1.edi", 2);
    assert_eq!(night(site.path(), &[]), 0);
    let archived = entries(&site.path().join("archive/2026/11/20/orders"));
    assert_eq!(archived, ["acme", "acme-20261120-002/1.edi"]);
}

#[test]
fn a_file_where_a_drop_folder_is_expected_stops_the_run_before_it_begins() {
    let site = acme_site();
    write(site.path(), "inbox/orders", b"no folder");
    let out = run(site.path(), &["run", "--date", "2026-11-20"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("inbox/orders"));
}

#[test]
fn a_young_file_is_left_until_it_has_settled() {
    let site = acme_site();
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap() + "\n[inbox]\nsettle_seconds = 3600\n";
    std::fs::write(&path, text).unwrap();
    put(site.path(), "young.edi", 1);
    put(site.path(), "old.edi", 2);
    let old = std::fs::File::options().write(true).open(site.path().join("inbox/orders/old.edi")).unwrap();
    old.set_modified(std::time::SystemTime::now() - std::time::Duration::from_hours(2)).unwrap();
    drop(old);
    assert_eq!(night(site.path(), &[]), 0);
    assert_eq!(entries(&site.path().join(INBOX)), ["young.edi"]);
    assert_eq!(summary(site.path(), "20261120-001")["orders"]["ordered"], 1);
}

#[test]
#[expect(clippy::print_stderr, reason = "the test says what it did not try")]
fn what_may_not_be_read_stays_and_stops_no_night() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = acme_site();
    put(site.path(), "closed.edi", 1);
    put(site.path(), "open.edi", 2);
    let closed = site.path().join("inbox/orders/closed.edi");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o0)).unwrap();
    let reads_all = std::fs::read(&closed).is_ok();
    assert_eq!(night(site.path(), &[]), 0);
    let report = summary(site.path(), "20261120-001");
    if reads_all {
        // whoever may read everything, as root may, finds nothing closed
        eprintln!("run by somebody who may read every file: what may not be read was not tried");
        assert_eq!(report["orders"]["ordered"], 2);
        return;
    }
    assert_eq!(report["orders"]["ordered"], 1);
    assert_eq!(entries(&site.path().join(INBOX)), ["closed.edi"]);
    assert!(report["notes"].to_string().contains("it may not be read"));
}

#[test]
fn one_run_takes_so_many_files_and_the_next_the_others() {
    for (files_max, left) in [(3, 0), (2, 1)] {
        let site = acme_site();
        let path = site.path().join("itembridge.toml");
        let text =
            std::fs::read_to_string(&path).unwrap() + &format!("\n[limits]\ninbox_files_max = {files_max}\n");
        std::fs::write(&path, text).unwrap();
        for control in 1..=3 {
            put(site.path(), &format!("{control}.edi"), control);
        }
        assert_eq!(night(site.path(), &[]), 0);
        assert_eq!(entries(&site.path().join(INBOX)).len(), left);
        let notes = summary(site.path(), "20261120-001")["notes"].to_string();
        assert_eq!(notes.contains("E624"), left > 0, "{notes}");
        assert_eq!(night(site.path(), &[]), 0);
        assert_eq!(entries(&site.path().join(INBOX)).len(), 0);
    }
}

#[test]
fn a_held_order_of_a_compressed_file_is_released_from_it() {
    let site = acme_site();
    let text = order(1, "P-1", "00", 1).replace("A-1", "B-7");
    write(site.path(), "inbox/orders/1.edi.gz", &packed(text.as_bytes()));
    assert_eq!(night(site.path(), &[]), 1);
    let xrefs = site.path().join("masters/item_xref.csv");
    let header = std::fs::read_to_string(&xrefs).unwrap();
    let row = header.lines().nth(1).unwrap().replace("A-1", "B-7");
    std::fs::write(&xrefs, format!("{}\n{row}\n", header.trim_end())).unwrap();
    assert_eq!(night(site.path(), &[]), 0);
    assert_eq!(summary(site.path(), "20261120-002")["released"]["ordered"], 1);
}

#[test]
fn a_compressed_file_of_every_inbox_is_read_as_its_content() {
    let site = acme_site();
    let rows: [(&str, &[u8]); 3] = [
        ("inbox/pos/1.csv.gz", b"receipt,line,sold_at,store,customer,item,quantity,unit_price,serials,paid\nR,1,2026-11-20,S,,10-1,1,1,,yes\n"),
        ("inbox/acknowledgments/1.gz", b"no acknowledgment"),
        ("inbox/invoices/1.CSV.GZ", b"invoice_number\n"),
    ];
    for (path, text) in rows {
        write(site.path(), path, &packed(text));
    }
    assert_eq!(night(site.path(), &[]), 1);
    let report = summary(site.path(), "20261120-001");
    assert_eq!(report["sales"]["walk_in"], 1);
    let quarantined: Vec<String> = files(&site.path().join("quarantine")).into_keys().collect();
    assert_eq!(
        quarantined,
        ["1", "1.CSV", "1.CSV.why.json", "1.why.json"],
        "the content, under its own name"
    );
    assert_eq!(std::fs::read(site.path().join("quarantine/1")).unwrap(), b"no acknowledgment");
}

#[test]
fn check_reads_what_is_compressed() {
    let site = acme_site();
    let text = order(1, "P-1", "00", 1);
    write(site.path(), "plain.edi", text.as_bytes());
    write(site.path(), "packed.edi.gz", &packed(text.as_bytes()));
    write(site.path(), "twice.gz", &packed(&packed(text.as_bytes())));
    let said = |name: &str| {
        let out = program(site.path()).current_dir(site.path()).args(["check", name]).output().unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap().replace(name, "FILE"))
    };
    assert_eq!(said("packed.edi.gz"), said("plain.edi"));
    let (exit, text) = said("twice.gz");
    assert!(exit == Some(1) && text.contains("E623"), "{text}");
}

#[test]
fn thousands_of_files_are_taken_with_few_handles_and_in_their_order() {
    let site = acme_site();
    for control in 1..=1_200 {
        put(site.path(), &format!("{control:05}.edi"), control);
    }
    let program = program(site.path()).get_program().to_owned();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""]).arg(program);
    let out = shell.arg("--site").arg(site.path()).args(["run", "--date", "2026-11-20"]).output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(summary(site.path(), "20261120-001")["orders"]["ordered"], 1_200);
    let outbound = files(&site.path().join("orders"));
    let numbers: Vec<String> = outbound
        .values()
        .flat_map(|bytes| {
            String::from_utf8_lossy(bytes).lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(numbers.len(), 1_200);
    let of =
        |row: &str| row.split(',').find(|cell| cell.starts_with("P-")).unwrap()[2..].parse::<u32>().unwrap();
    assert!(numbers.is_sorted_by_key(|row| of(row)));
}
