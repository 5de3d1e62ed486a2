import { hazardsSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";
import { elsewhere } from "./hazards/elsewhere.ts";
import { schedulesOn } from "./hazards/on.ts";
import { stores } from "./hazards/stores.ts";
import { values } from "./hazards/values.ts";

hazardsSuite(wiring, {
  here: 27,
  cases: (on) => ({ ...values(schedulesOn(on)), ...stores(schedulesOn(on)), ...elsewhere }),
});
