//! Faults that leave many traces, and the one message that is made of them.

use crate::domain::rules::catalogue;
use crate::pipeline::check::check_set;
use crate::x12::envelope::{Limits, scan};
use std::fmt::Write;

const HEAD: &str = "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*0930*U*00401*\
                    000000001*0*P*>~GS*PO*ACMEPO*NORTHWIND*20261119*0930*12*X*004010~";

fn told(set: &str) -> Vec<String> {
    let file = format!("{HEAD}{set}GE*1*12~IEA*1*000000001~");
    let index = scan(file.as_bytes(), &Limits::default()).unwrap();
    let interchange = &index.interchanges[0];
    let mut lines = Vec::new();
    for set in &interchange.groups[0].sets {
        let bytes = &file.as_bytes()[set.offset as usize..(set.offset + set.length) as usize];
        for found in check_set(bytes, interchange.separators, "004010", set, &Limits::default()) {
            let mut line = format!("{} {:?} {}", found.rule.code, found.severity, found.at);
            let mark =
                &file[found.at.offset as usize..(found.at.offset + u64::from(found.at.length)) as usize];
            write!(line, " [{mark}] {}", found.detail).unwrap();
            lines.push(line);
            assert!(catalogue().any(|rule| std::ptr::eq(rule, found.rule)));
        }
    }
    lines
}

const BEFORE: &str = "ST*850*0001~BEG*00*SA*4500017**20261119~N1*ST*Acme*92*0007~N3*Dock~N4*Peoria*IL*61602~";
const LINES: &str =
    "PO1*1*10*EA*12.50**IN*114-2~PID*F****Hex bolt~PO1*2*5*EA*7.25**IN*114-3~PID*F****Washer~";

fn order(old: &str, new: &str) -> Vec<String> {
    let set = format!("{BEFORE}{LINES}CTT*2*15~SE*11*0001~");
    assert!(set.contains(old), "{old}");
    told(&set.replacen(old, new, 1))
}

#[test]
fn a_sound_order_has_no_finding() {
    assert_eq!(order("~", "~"), [""; 0]);
}
