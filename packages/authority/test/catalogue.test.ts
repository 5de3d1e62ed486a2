import { wiring } from "@stellaops/authority";
import { catalogueSuite } from "@stellaops/testkit/module";

catalogueSuite({ wiring });
