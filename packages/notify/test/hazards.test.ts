import { hazardsSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";
import { elsewhere } from "./hazards/elsewhere.ts";
import { channelsOn } from "./hazards/on.ts";
import { stores } from "./hazards/stores.ts";
import { values } from "./hazards/values.ts";

hazardsSuite(wiring, {
  here: 26,
  cases: (on) => ({ ...values(channelsOn(on)), ...stores(channelsOn(on)), ...elsewhere }),
});
