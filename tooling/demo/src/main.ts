import { Cleanup } from "./cleanup.ts";
import { demo } from "./demo.ts";
import { demoOptions, usage, type DemoOptions } from "./options.ts";
import { screenOf } from "./screen.ts";

/**
 * Exit codes: 0 nothing was lost and nothing differs; 1 something was, or the demo itself failed; 2 usage; 130 interrupted.
 * However it ends, the services and the servers that it started end with it.
 */
const interrupted = Promise.withResolvers<"interrupted">();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => interrupted.resolve("interrupted"));

async function main(options: DemoOptions): Promise<number> {
  const screen = screenOf(options.json ? process.stderr : process.stdout);
  const cleanup = new Cleanup();
  try {
    const outcome = await Promise.race([demo(options, screen, cleanup), interrupted.promise]);
    if (outcome === "interrupted") return 130;
    if (options.json) process.stdout.write(`${JSON.stringify(outcome.report)}\n`);
    if (options.keep) {
      for (const place of outcome.places) screen.line(`kept        ${place}`);
      screen.line("kept        end with Ctrl-C");
      await interrupted.promise;
    }
    return outcome.report.lost === 0 && outcome.report.differences === 0 ? 0 : 1;
  } catch (error) {
    screen.line();
    console.error(error);
    return 1;
  } finally {
    await cleanup.run();
  }
}

function parsed(): DemoOptions | null {
  try {
    return demoOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

const options = parsed();
if (options === null) console.log(usage);
// What an interruption left under way may still hold a timer or a socket.
else process.exit(await main(options));
