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
            assert!(text.contains("in: interchange 000000001, group 1, set 1000"), "the last set is told of");
        }
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

/// Peak memory in KiB while the output is read.
#[cfg(target_os = "linux")]
fn peak(folder: &Path, file: &str) -> u64 {
    let mut child = command(folder, "4", &[file]).stdout(Stdio::piped()).spawn().unwrap();
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
