import type { SettingName } from "@airside/kernel/config"

export type AirsideProcess = {
  name: string
  script: string
  port: SettingName
  /** Of gRPC-Web. */
  webPort?: SettingName
  health: "grpc" | "/healthz" | "/readyz"
  /** Names of what must be ready before. */
  needs: string[]
  /** Exactly what it is started with; a test holds it against what its main.ts reads. */
  settings: SettingName[]
  /** What Bun itself reads when the process starts. */
  runtime?: Record<string, string>
}

const EVERY_PROCESS: SettingName[] = ["HOST", "LOG_LEVEL", "NODE_ENV"]
const TLS: SettingName[] = ["TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "TLS_AUTHORITY_FILE"]
const RPC: SettingName[] = ["IDENTITY_PUBLIC_KEYS", ...TLS]
const DATABASE: SettingName[] = ["DATABASE_PREPARE", "DATABASE_CONNECTIONS"]

/**
 * Where searches are answered, memory that is free again stays with the process: to give it back and fetch it anew, as
 * Bun does all the time, costs a tenth of a page of results (docs/performance.md).
 */
export const KEEPS_MEMORY = { MIMALLOC_PURGE_DELAY: process.env.MIMALLOC_PURGE_DELAY || "-1" }

/**
 * Who calls others: Bun's own limit of 256 requests under way counts all peers together, so that one which is frozen would
 * keep the others from being asked.
 */
const CALLS_OTHERS = { BUN_CONFIG_MAX_HTTP_REQUESTS: "4096" }

/** The processes of an installation, in the order of their needs. `database` is the prepared database. */
export const PROCESSES: AirsideProcess[] = [
  {
    name: "stripe-sandbox",
    script: "services/stripe-sandbox/src/main.ts",
    port: "SANDBOX_PORT",
    health: "/healthz",
    needs: [],
    settings: [
      ...EVERY_PROCESS,
      "SANDBOX_PORT",
      "DATA_DIR",
      "STRIPE_WEBHOOK_SECRET",
      "SANDBOX_WEBHOOK_URL",
      "SANDBOX_PUBLIC_URL",
    ],
  },
  {
    name: "payment",
    script: "services/payment/src/main.ts",
    port: "PAYMENT_PORT",
    webPort: "PAYMENT_WEB_PORT",
    health: "grpc",
    needs: ["database", "stripe-sandbox"],
    settings: [
      ...EVERY_PROCESS,
      ...RPC,
      ...DATABASE,
      "PAYMENT_PORT",
      "PAYMENT_WEB_PORT",
      "PAYMENT_DATABASE_URL",
      "STRIPE_SECRET_KEY",
      "STRIPE_WEBHOOK_SECRET",
      "STRIPE_API_BASE",
      "SELLING_CURRENCY",
    ],
  },
  {
    name: "loyalty",
    script: "services/loyalty/src/main.ts",
    port: "LOYALTY_PORT",
    webPort: "LOYALTY_WEB_PORT",
    health: "grpc",
    needs: ["database"],
    settings: [
      ...EVERY_PROCESS,
      ...RPC,
      ...DATABASE,
      "LOYALTY_PORT",
      "LOYALTY_WEB_PORT",
      "LOYALTY_DATABASE_URL",
      "SELLING_CURRENCY",
    ],
  },
  {
    name: "backend",
    script: "services/backend/src/main.ts",
    port: "BACKEND_PORT",
    webPort: "BACKEND_WEB_PORT",
    health: "grpc",
    needs: ["payment", "loyalty"],
    settings: [
      ...EVERY_PROCESS,
      ...RPC,
      ...DATABASE,
      "BACKEND_PORT",
      "BACKEND_WEB_PORT",
      "BACKEND_DATABASE_URL",
      "PAYMENT_ADDRESS",
      "LOYALTY_ADDRESS",
      "BACKEND_PRIVATE_KEY",
      "OFFER_KEY",
      "PUBLIC_URL",
      "UI_PORT",
      "SELLING_CURRENCY",
      "OFFER_SECONDS",
      "HOLD_SECONDS",
      "HOLD_EXTENSION_SECONDS",
      "CANCELLATION_QUOTE_SECONDS",
      "SALE_HORIZON_DAYS",
      "SALES_CLOSE_MINUTES",
      "SEATS_PER_BOOKING",
    ],
    runtime: { ...KEEPS_MEMORY, ...CALLS_OTHERS },
  },
  {
    name: "ui",
    script: "ui/src/main.ts",
    port: "UI_PORT",
    health: "/readyz",
    needs: ["backend"],
    settings: [
      ...EVERY_PROCESS,
      ...TLS,
      "UI_PORT",
      "PUBLIC_URL",
      "BACKEND_ADDRESS",
      "PAYMENT_ADDRESS",
      "LOYALTY_ADDRESS",
      "UI_PRIVATE_KEY",
      "STRIPE_API_BASE",
      "SANDBOX_PUBLIC_URL",
      "SELLING_CURRENCY",
      "SALE_HORIZON_DAYS",
      "SEATS_PER_BOOKING",
    ],
    runtime: { ...KEEPS_MEMORY, ...CALLS_OTHERS },
  },
]
