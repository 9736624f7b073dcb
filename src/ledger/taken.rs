//! Serials that cannot belong to two things at one time.

use crate::domain::customer_item::{CustomerItem, CustomerItemStatus, CustomerItemType};
use crate::domain::item::SerialTracking;

/// The first owned customer item that a new one of this item and serial would contradict: of the type where its serials are
/// unique, of the item where each unit has one of its own. A lot's serial is many customers'.
pub fn taken<'i>(
    items: &'i [CustomerItem],
    kind: &CustomerItemType,
    (item, tracking): (&str, SerialTracking),
    serial: &str,
) -> Option<&'i CustomerItem> {
    items.iter().find(|other| {
        let alike = (kind.serial_unique && other.customer_item_type == kind.name)
            || (tracking == SerialTracking::Each && other.item == item);
        !serial.is_empty() && other.serial == serial && other.status == CustomerItemStatus::Active && alike
    })
}
