import { crossingSuite } from "@stellaops/testkit/module";
import { load } from "./load.ts";

crossingSuite({ load, file: new URL("./load.ts", import.meta.url) });
