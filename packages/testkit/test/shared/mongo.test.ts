import { contractSuite } from "@stellaops/testkit/module";
import { contracts } from "./contracts.ts";
import { shop } from "./shop/wiring.ts";

contractSuite(shop, "mongo", contracts);
