import { wiring } from "@stellaops/authority";
import { hazardsSuite } from "@stellaops/testkit/module";
import { elsewhere } from "./hazards/elsewhere.ts";
import { authorityOn } from "./hazards/on.ts";
import { stores } from "./hazards/stores.ts";
import { values } from "./hazards/values.ts";

hazardsSuite(wiring, {
  here: 27,
  cases: (on) => ({ ...values(authorityOn(on)), ...stores(authorityOn(on)), ...elsewhere }),
});
