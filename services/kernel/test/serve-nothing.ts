/** A service that does nothing but live: serve.test.ts starts it. */
import { serve } from "../src/serve.ts"

await serve({
  name: "loyalty",
  settings: [
    "HOST",
    "LOYALTY_PORT",
    "LOYALTY_DATABASE_URL",
    "DATABASE_PREPARE",
    "DATABASE_CONNECTIONS",
    "IDENTITY_PUBLIC_KEYS",
    "TLS_CERTIFICATE_FILE",
    "TLS_KEY_FILE",
    "TLS_AUTHORITY_FILE",
    "LOG_LEVEL",
  ],
  environment: process.env,
  services: [],
  build: ({ database, log }) => ({ database, log }),
  sweeps: [
    {
      name: "look",
      pauseMilliseconds: 50,
      run: async ({ database, log }) => {
        await database.sql`select 1 from answers limit 1`
        log.info("swept")
      },
    },
  ],
  close: ({ log }) => log.info("closed"),
})
