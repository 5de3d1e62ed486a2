export { Batch, type Result, type Row, type Statement } from "./batch.ts";
export { codecOf, tableCodec, type TableCodec } from "./codec.ts";
export { openPostgres, type Postgres, type PostgresOptions } from "./connection.ts";
export { mapError } from "./errors.ts";
export { PostgresRepository, type Written } from "./repository.ts";
export { nameOf, Prepared, Text, type Params } from "./statement.ts";
export { table, type Change, type List, type Whole, type Write } from "./table.ts";
export { createText, deleteText, getText, replaceText, wholeColumns } from "./texts.ts";
export { scope, singleUnit, transaction, type Unit, type UnitOptions } from "./unit.ts";
