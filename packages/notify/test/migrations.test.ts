import { migrationsSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";

migrationsSuite(wiring);
