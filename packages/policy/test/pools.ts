// Small pools, so that commands meet: ids across tenants, keys across aggregates.
export const ids = Array.from({ length: 3 }, (_, i) => `01890000-0000-7000-8000-00000000000${i}`);
export const keys = ["A", "\uffff", "\u{1f600}", "$x.y"];
