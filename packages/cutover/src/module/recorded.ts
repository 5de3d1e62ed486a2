import { refused } from "@stellaops/kernel";

export const recorded = (module: string): Error =>
  refused(
    "STAGE_RECORDED",
    `module ${module} has a stage record, so its stage is not for one process to fix; open it with stage "record"`,
  );
