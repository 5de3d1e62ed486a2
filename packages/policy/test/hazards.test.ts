import { hazardsSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";
import { elsewhere } from "./hazards/elsewhere.ts";
import { versionsOn } from "./hazards/on.ts";
import { stores } from "./hazards/stores.ts";
import { values } from "./hazards/values.ts";

hazardsSuite(wiring, {
  here: 25,
  cases: (on) => ({ ...values(versionsOn(on)), ...stores(versionsOn(on)), ...elsewhere }),
});
