/** `bun scripts/launcher/env-example.ts` writes `.env.example` anew from the table of settings. */

import { join } from "node:path"
import { SETTINGS, type Setting, type SettingName } from "@airside/kernel/config"
import { ROOT } from "./settings.ts"

/** What somebody who starts from `.env.example` sees first; Stripe's own values take the place of these. */
const FIRST: Partial<Record<SettingName, string>> = {
  STRIPE_PUBLISHABLE_KEY: "pk_test_your_key_here",
  STRIPE_SECRET_KEY: "sk_test_your_key_here",
  STRIPE_WEBHOOK_SECRET: "whsec_your_webhook_secret_here",
  POSTGRES_DB: "flight_booking",
  POSTGRES_USER: "postgres",
  POSTGRES_PASSWORD: "postgres",
}

const HEAD = `\
# The settings of Airside. Nothing here has to be set: copy this file to .env and change what you want to change.
# The environment goes over .env. An empty value and a placeholder such as sk_test_your_key_here count as not set;
# a line that begins with # shows a default, or a setting that has none or that \`bun run start\` fills in.
`

/** Every setting with what it is for. */
export function envExample(): string {
  const names = Object.keys(SETTINGS) as SettingName[]
  const first = Object.keys(FIRST) as SettingName[]
  const rest = names.filter((name) => !first.includes(name))
  const about = (name: SettingName) => `\n# ${SETTINGS[name].about}\n`
  return [
    HEAD,
    ...first.map((name) => `${about(name)}${name}=${FIRST[name]}\n`),
    ...rest.map((name) => `${about(name)}# ${name}=${(SETTINGS[name] as Setting<unknown>).default ?? ""}\n`),
  ].join("")
}

if (import.meta.main) await Bun.write(join(ROOT, ".env.example"), envExample())
