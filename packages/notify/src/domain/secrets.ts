import { refuseSecretEndpoint } from "./endpoints.ts";
import { refuseNoSecretRef } from "./secret-refs.ts";

/** A channel names its secret and holds none. @throws `SECRET_IN_ENDPOINT`, `SECRET_REF_INVALID` (data) */
export function refuseSecrets({ endpoint, secretRef }: { endpoint: string | null; secretRef: string | null }): void {
  if (endpoint !== null) refuseSecretEndpoint(endpoint);
  if (secretRef !== null) refuseNoSecretRef(secretRef);
}
