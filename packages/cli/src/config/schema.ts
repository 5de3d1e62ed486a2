import { z } from "zod";
import { moduleNames } from "../modules.ts";

const text = z.string().min(1);
const postgres = z.strictObject({ url: text.optional(), adminUrl: text.optional(), replicatorUrl: text.optional() });
const mongodb = z.strictObject({ url: text.optional(), database: text.optional() });

const module = z.strictObject({
  /** Where a process that opens the module runs it: one database for good, or what the stage record says. */
  stage: z.enum(["mongo", "postgres", "record"]).optional(),
  postgres: postgres.optional(),
  mongodb: mongodb.optional(),
});

/** `persistence.yaml`, as in docs/persistence-config-template.yaml. Texts may be `${NAME}`, taken from the environment when needed. */
export const configSchema = z.strictObject({
  postgres: postgres.optional(),
  mongodb: mongodb.optional(),
  modules: z.strictObject(Object.fromEntries(moduleNames.map((name) => [name, module.optional()]))).optional(),
});

export type Config = z.infer<typeof configSchema>;
