/** The same server and user, another database. */
export const databaseUrl = (url: string, database: string): string => {
  const next = new URL(url);
  next.pathname = `/${database}`;
  return next.href;
};

/** The same server and database, as another role. */
export const roleUrl = (url: string, role: string, password: string): string => {
  const next = new URL(url);
  next.username = encodeURIComponent(role);
  next.password = encodeURIComponent(password);
  return next.href;
};

// Several hosts are allowed in a MongoDB URL, which `URL` refuses.
const mongoForm = /^(mongodb(?:\+srv)?:\/\/)([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;

/** The same MongoDB deployment and user, another default database; `appName` makes its connections recognisable. */
export const mongoDatabaseUrl = (url: string, database: string): string => {
  const [, scheme, hosts, path, query] = mongoForm.exec(url) ?? [];
  if (scheme === undefined || hosts === undefined) throw new TypeError(`not a MongoDB URL: ${url}`);
  const parameters = new URLSearchParams(query);
  // Without it the driver would authenticate against the new default database.
  if (hosts.includes("@") && !parameters.has("authSource")) parameters.set("authSource", path || "admin");
  parameters.set("appName", database);
  return `${scheme}${hosts}/${database}?${parameters}`;
};
