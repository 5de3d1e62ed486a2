export const childTenant = "child";

/** One line of what a child tells. */
export type Line =
  | { readonly tenant: string; readonly key: string; readonly revision: string | null }
  | { readonly tenant: string; readonly thing: string };

export const lineOf = (line: Line): string => `${JSON.stringify(line)}\n`;
