import { dataError } from "@stellaops/kernel";
import { settingForms, type SettingName } from "./names.ts";
import type { Config } from "./schema.ts";

export interface Sources {
  readonly flags: { readonly [S in SettingName]?: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly config: Config;
}

/** What was configured: flags before the environment before the file, and in each what names the module before what does not. */
export class Settings {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** @throws `CONFIG_REFERENCE` (data) where the file refers to a variable that is not set */
  get(name: SettingName, module: string): string | undefined {
    const { flags, environment, config } = this.#sources;
    const { variable, inFile, path } = settingForms[name];
    const own = config.modules?.[module];
    return (
      flags[name] ??
      set(environment[`STELLA_${module.toUpperCase()}_${variable}`]) ??
      set(environment[`STELLA_${variable}`]) ??
      this.#resolved(own === undefined ? undefined : inFile(own), `modules.${module}.${path}`) ??
      this.#resolved(inFile(config), path)
    );
  }

  /** @throws `CONFIG_MISSING`, `CONFIG_REFERENCE`, `CONFIG_URL` (data) */
  url(name: SettingName, module: string): string {
    const url = this.get(name, module);
    const { flag, variable, path, what } = settingForms[name];
    if (url === undefined)
      throw dataError(
        "CONFIG_MISSING",
        `no URL of ${what}: set STELLA_${variable}, or ${path} in persistence.yaml, or give ${flag}`,
        { details: { setting: name, module } },
      );
    const scheme = name === "mongodbUrl" ? /^mongodb(?:\+srv)?:\/\/./ : /^postgres(?:ql)?:\/\/./;
    if (scheme.test(url)) return url;
    throw dataError(
      "CONFIG_URL",
      `the URL given for ${what} (${flag}) does not begin with ${name === "mongodbUrl" ? "mongodb" : "postgres"}://`,
    );
  }

  /** The word in the environment or the file; undefined where neither says one. */
  stage(module: string): string | undefined {
    const { environment, config } = this.#sources;
    return set(environment[`STELLA_${module.toUpperCase()}_STAGE`]) ?? config.modules?.[module]?.stage;
  }

  /** A secret that is only ever in the environment. */
  secret(variable: string): string | undefined {
    return set(this.#sources.environment[variable]);
  }

  #resolved(value: string | undefined, path: string): string | undefined {
    return value?.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const found = set(this.#sources.environment[name]);
      if (found !== undefined) return found;
      throw dataError(
        "CONFIG_REFERENCE",
        `${path} in persistence.yaml refers to \${${name}}, which is not set: export ${name}, or take the line out`,
        { details: { path, variable: name } },
      );
    });
  }
}

/** An empty variable is as one that is not set. */
const set = (value: string | undefined): string | undefined => (value === "" ? undefined : value);
