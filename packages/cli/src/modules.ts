import { authority } from "@stellaops/authority";
import { dataError, type ModuleDefinition } from "@stellaops/kernel";
import { notify } from "@stellaops/notify";
import { policy } from "@stellaops/policy";
import { scheduler } from "@stellaops/scheduler";
import { vuln } from "@stellaops/vuln";

/** Every module that this command line knows; a further one is a further line. */
const modules: Readonly<Record<string, ModuleDefinition>> = { authority, scheduler, notify, policy, vuln };

export const moduleNames: readonly string[] = Object.keys(modules);

/** @throws `MODULE_UNKNOWN` (data) */
export function moduleOf(name: string): ModuleDefinition {
  const found = Object.hasOwn(modules, name) ? modules[name] : undefined;
  if (found !== undefined) return found;
  throw dataError(
    "MODULE_UNKNOWN",
    `there is no module "${name}"; give one of: ${moduleNames.join(", ")}${name === "all" ? "; this command takes one" : ""}`,
    {
      details: { module: name, modules: moduleNames },
    },
  );
}

/** The module of that name, or each of them for `all`. */
export const modulesOf = (name: string): readonly ModuleDefinition[] =>
  name === "all" ? Object.values(modules) : [moduleOf(name)];
