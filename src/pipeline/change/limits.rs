//! What a supplier does not let go by itself: less than was billed, prices, cancellations, changes at the last moment.

use super::Plan;
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::money::plain;
use crate::domain::order::OrderLine;
use crate::domain::partner::{ChangePolicy, ChangeSettings};
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::domain::rules::changes as rules;
use crate::domain::{Date, Decimal};
use std::collections::BTreeMap;

/// Adds an obstacle for each limit that the plan passes.
pub(super) fn check(
    plan: &mut Plan,
    stored: &DecidedOrder,
    (settings, today): (&ChangeSettings, Date),
    billed: &BTreeMap<u32, Decimal>,
) {
    let mut found = Vec::new();
    let mut cancelled = Vec::new();
    for place in &plan.touched {
        let (Some(now), Some(decided)) = (plan.order.order.lines.get(*place), plan.order.lines.get(*place))
        else {
            continue;
        };
        let before = stored.order.lines.get(*place).zip(stored.lines.get(*place));
        let gone = decided.state == LineState::Cancelled;
        let left = if gone { Decimal::ZERO } else { now.quantity.unwrap_or_default() };
        let of_line = billed.get(&now.line).copied().unwrap_or_default();
        if left < of_line {
            let detail = format!("{} are billed, {} would be left", plain(of_line), plain(left));
            found.push(told(&rules::BELOW_BILLED, now, &detail));
        } else if of_line > Decimal::ZERO {
            found.push(told(&rules::LINE_BILLED, now, &format!("{} are billed", plain(of_line))));
        }
        if let Some((line, was)) = before {
            if gone && was.state == LineState::Ordered {
                cancelled.push(now.line.to_string());
            }
            let same_price = line.price.map(|price| price.normalize())
                == now.price.map(|price| price.normalize())
                && line.price_basis == now.price_basis;
            if !same_price && settings.price == ChangePolicy::Hold {
                let of = |line: &OrderLine| {
                    let price = line.price.map_or_else(|| "none".to_owned(), plain);
                    format!("{price} {}", line.price_basis).trim_end().to_owned()
                };
                found.push(told(&rules::PRICE_CHANGED, now, &format!("from {} to {}", of(line), of(now))));
            }
        }
        let dates = [before.and_then(|(line, _)| line.requested_date), now.requested_date];
        if let Some(first) = dates.into_iter().flatten().min().filter(|day| is_near(*day, today, settings)) {
            let detail = format!("requested for {first}, frozen for {} days before", settings.frozen_days);
            found.push(told(&rules::TOO_LATE, now, &detail));
        }
    }
    if !cancelled.is_empty() && settings.cancel == ChangePolicy::Hold {
        let shown: Vec<&str> = cancelled.iter().map(String::as_str).take(20).collect();
        let more = if cancelled.len() > shown.len() { ", ..." } else { "" };
        let named = if cancelled.len() == 1 { "line" } else { "lines" };
        let detail = format!("{named} {}{more}", shown.join(", "));
        found.push(Diagnostic::new(&rules::CANCELS, Location::default()).detail(detail));
    }
    plan.obstacles.extend(found);
}

fn is_near(day: Date, today: Date, settings: &ChangeSettings) -> bool {
    let days = i64::from(settings.frozen_days.min(100_000));
    let last = today.checked_add(jiff::Span::new().days(days)).unwrap_or(Date::MAX);
    days > 0 && day <= last
}

fn told(rule: &'static Rule, line: &OrderLine, detail: &str) -> Diagnostic {
    Diagnostic::new(rule, Location::default()).detail(format!("line {}: {detail}", line.line))
}
