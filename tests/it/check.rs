//! `check` as a command: the same whatever the threads, in memory that neither file nor findings change, with its exit codes.

use crate::nights::write;
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const ISA: &str = "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261120*0800*U*00401*000000001*0*P*>~";

/// Orders in one group, each with so many lines whose quantity is no number; the last breaks off.
fn orders(count: usize, lines: usize) -> String {
    let mut file = format!("{ISA}\nGS*PO*ACMEPO*NORTHWIND*20261120*0800*1*X*004010~\n");
    for number in 1..=count {
        file += &format!("ST*850*{number:04}~\nBEG*00*SA*PO{number}**20261120~\n");
        file += &"PO1*1*two*EA*1.5**BP*A-100~\n".repeat(lines);
        if number < count {
            file += &format!("CTT*{lines}~\nSE*{}*{number:04}~\n", lines + 4);
        }
    }
    file + &format!("GE*{count}*1~\nIEA*1*000000001~\n")
}

fn check(folder: &Path, threads: &str, arguments: &[&str]) -> Output {
    command(folder, threads, arguments).output().unwrap()
}

fn command(folder: &Path, threads: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_itembridge"));
    command.current_dir(folder).env("RAYON_NUM_THREADS", threads).arg("check").args(arguments);
    command
}

#[test]
fn one_thread_and_eight_say_the_same_of_a_large_file() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "orders.edi", orders(1_000, 2).as_bytes());
    for format in [["--format", "text"], ["--format", "json"]] {
        let arguments = [&["orders.edi"], format.as_slice()].concat();
        let one = check(folder.path(), "1", &arguments);
        let eight = check(folder.path(), "8", &arguments);
        assert_eq!(one.status.code(), Some(1));
        assert_eq!(eight.status.code(), Some(1));
        assert!(one.stdout == eight.stdout, "{format:?}");
        let text = String::from_utf8(one.stdout).unwrap();
        if format[1] == "json" {
            let files: Value = serde_json::from_str(&text).unwrap();
            let findings = files[0]["findings"].as_array().unwrap();
            let places: Vec<u64> =
                findings.iter().map(|found| found["at"]["offset"].as_u64().unwrap()).collect();
            assert!(places.is_sorted() && places.len() > 2_000, "{}", places.len());
            assert_eq!(files[0]["sets"]["850"], 1_000);
            assert_eq!(files[0]["lines"], 2_000);
        } else {
            let shown = text.matches("warning[E306]").count();
            assert_eq!(shown, 6, "five of a kind, and one line about the rest");
            let rest = "1995 more of the same kind, the last at segment 4 (PO1-02) of set 1000";
            assert!(text.contains(rest), "{text}");
            assert!(text.contains("the set 1000 begins at byte"), "the end of the last set is told of");
        }
    }
}

/// The file is read piece by piece: what has one cause may be found far apart.
#[test]
fn one_fault_of_the_envelope_is_one_finding() {
    let sound = orders(3, 1).replace("two", "2").replace("GE*", "CTT*1~\nSE*5*0003~\nGE*");
    let cut = sound.find("CTT*1~\nSE*5*0003").unwrap();
    for (what, text, code, place) in [
        ("a sound file", sound.clone(), "", ""),
        ("ISA11 left out", sound.replacen("*0800*U*", "*0800*", 1), "E109", "ISA-11"),
        ("cut behind a segment", sound[..cut].to_owned(), "E103", "IEA-0"),
        ("cut inside a segment", sound[..cut - 5].to_owned(), "E103", "IEA-0"),
        ("ST01 of another set", sound.replacen("ST*850*0002", "ST*810*0002", 1), "E126", "ST-1"),
        ("two interchanges, the second cut", format!("{sound}{}", &sound[..cut]), "E103", "IEA-0"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "orders.edi", text.as_bytes());
        let out = check(folder.path(), "2", &["--format", "json", "--quiet", "orders.edi"]);
        let files: Value = serde_json::from_slice(&out.stdout).unwrap();
        let told: Vec<String> = files[0]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| {
                let (code, at) = (found["code"].as_str().unwrap(), &found["at"]);
                let element = at["element"].as_u64().unwrap_or(0);
                format!("{code} {}-{element}", at["segment_id"].as_str().unwrap_or_default())
            })
            .collect();
        let expected: Vec<String> =
            if code.is_empty() { Vec::new() } else { vec![format!("{code} {place}")] };
        assert_eq!(told, expected, "{what}");
        assert_eq!(out.status.code(), Some(i32::from(!code.is_empty())), "{what}");
    }
}

#[test]
fn a_file_that_cannot_be_read_leaves_the_others_and_the_json_whole() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "clean.csv", b"po_number,customer_item,quantity,unit\nP1,A-100,2,EA\n");
    write(folder.path(), "bad.edi", orders(3, 1).as_bytes());
    let arguments = ["--format", "json", "--quiet", "clean.csv", "missing.edi", "bad.edi"];
    let out = check(folder.path(), "2", &arguments);
    assert_eq!(out.status.code(), Some(2));
    let files: Value = serde_json::from_slice(&out.stdout).unwrap();
    let told: Vec<String> = files
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let findings = file["findings"].as_array().unwrap().len();
            let error = file["error"].as_str().map_or("", |_| " error");
            format!("{} {} {findings}{error}", file["file"].as_str().unwrap(), file["kind"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told[..2], ["clean.csv csv_orders 0", "missing.edi unreadable 0 error"]);
    assert!(told[2].starts_with("bad.edi x12 "), "{told:?}");
    for (file, code) in [("clean.csv", 0), ("bad.edi", 1), ("missing.edi", 2)] {
        assert_eq!(check(folder.path(), "2", &["--quiet", file]).status.code(), Some(code), "{file}");
    }
}

/// Peak memory in KiB while the output is read, which as JSON has every finding.
#[cfg(target_os = "linux")]
fn peak(folder: &Path, file: &str) -> u64 {
    let arguments = ["--format", "json", file];
    let mut child = command(folder, "4", &arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut buffer = vec![0; 1 << 16];
    let mut peak = 0;
    while stdout.read(&mut buffer).unwrap() > 0 {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
    peak
}

/// 30,000 findings are some 20 MB in writing and more as values.
#[cfg(target_os = "linux")]
#[test]
fn memory_grows_neither_with_the_file_nor_with_its_findings() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "small.edi", orders(300, 10).as_bytes());
    write(folder.path(), "large.edi", orders(3_000, 10).as_bytes());
    let (small, large) = (peak(folder.path(), "small.edi"), peak(folder.path(), "large.edi"));
    assert!(small > 0 && large < small + 8_192, "{small} KiB, then {large} KiB");
}
