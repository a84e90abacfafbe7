import type { Account, ExpiringPoints, Tier } from "@airside/protos/airside/loyalty/v1/loyalty"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatInstantDate, formatMoney, formatPoints } from "../format.ts"
import { Page, respond } from "../layout.tsx"
import { AccountTabs } from "./account-tabs.tsx"
import { text } from "./form.tsx"
import { logInFirst, Pages } from "./list.tsx"
import { downloadStatement, Statement } from "./statement.tsx"

/** Points: what there is, what it is worth, how far the next tier is, every move; and the tiers, which anybody may see. */
export const loyaltyPage = (context: UiContext) =>
  new Elysia()
    .get("/account/loyalty", ({ request }) => showAccount(context, request))
    .get("/account/loyalty/statement.csv", ({ request }) => downloadStatement(context, request))
    .get("/account/loyalty/tiers", ({ request }) => showTiers(context, request))

async function showAccount({ clients, sessions, config }: UiContext, request: Request) {
  const { user, token } = await sessions.identityOf(request)
  if (!user) return logInFirst(request)
  const pageToken = text(new URL(request.url).searchParams, "page_token")
  const [{ account }, { transactions, nextPageToken }, { tiers }] = await Promise.all([
    clients.loyalty.getAccount({ userId: "me" }, { token }),
    clients.loyalty.listTransactions({ userId: "me", pageSize: 20, pageToken }, { token }),
    clients.loyalty.listTiers({ pageSize: 0, pageToken: "" }),
  ])
  return respond(
    <Page title="Points" user={user} path="/account/loyalty">
      <div class="page-head">
        <h1>Points</h1>
      </div>
      <AccountTabs current="/account/loyalty" />
      <Balance account={account!} tiers={tiers} />
      <ExpiringSoon expiring={account!.expiringSoon} />
      <section class="card" aria-labelledby="statement-title">
        <div class="card-head">
          <h2 id="statement-title">Statement</h2>
          {transactions.length > 0 && (
            <a class="on-screen" href="/account/loyalty/statement.csv" download="">
              Download as CSV
            </a>
          )}
        </div>
        {transactions.length === 0 ? (
          <p class="muted">Nothing yet. Points for a fare arrive with your tickets.</p>
        ) : (
          <Statement transactions={transactions} />
        )}
        <p class="hint">Your account number, should you ever ask us about points: {account!.userId}</p>
      </section>
      <Pages path="/account/loyalty" first={pageToken === ""} nextPageToken={nextPageToken} />
      <section class="card" aria-labelledby="tiers-title">
        <h2 id="tiers-title">Tiers</h2>
        <Tiers tiers={tiers} currency={config.SELLING_CURRENCY} current={account!.tier} />
      </section>
    </Page>,
  )
}

async function showTiers({ clients, sessions, config }: UiContext, request: Request) {
  const [{ user }, { tiers }] = await Promise.all([
    sessions.identityOf(request),
    clients.loyalty.listTiers({ pageSize: 0, pageToken: "" }),
  ])
  return respond(
    <Page title="Tiers" user={user} path="/account/loyalty">
      <div class="page-head">
        <div>
          <h1>Points and tiers</h1>
          <p>
            Two points for every unit of fare, more with every tier. Points are kept for a year and spent like money.
          </p>
        </div>
      </div>
      <div class="card">
        <Tiers tiers={tiers} currency={config.SELLING_CURRENCY} />
      </div>
    </Page>,
  )
}

function Balance({ account, tiers }: { account: Account; tiers: Tier[] }) {
  const next = account.nextTier
  const from = tiers.find(({ name }) => name === account.tier)?.minimumPoints ?? 0n
  const to = next ? account.lifetime + next.missing : account.lifetime
  return (
    <section class={`card balance tier-${account.tier}`} aria-labelledby="balance-title">
      <div>
        <h2 id="balance-title">Balance</h2>
        <p class="balance-points">
          <b class="number">{formatPoints(account.balance)}</b> points
        </p>
        <p class="muted">
          Worth {formatMoney(account.balanceValue)} on your next booking
          {account.pending > 0n && ` · ${formatPoints(account.pending)} set aside for an open payment`}
        </p>
      </div>
      <div>
        <p class="tier-name">{capital(account.tier)}</p>
        {next ? (
          <>
            <progress
              max={Number(to - from) || 1}
              value={Number(account.lifetime - from)}
              aria-label={`Progress to ${capital(next.name)}`}
            ></progress>
            <p class="muted">
              {formatPoints(next.missing)} more to {capital(next.name)}
            </p>
          </>
        ) : (
          <p class="muted">The highest tier there is.</p>
        )}
      </div>
    </section>
  )
}

/** The warning before points lapse. */
export function ExpiringSoon({ expiring }: { expiring: ExpiringPoints[] }) {
  if (expiring.length === 0) return null
  return (
    <section class="notice warn" aria-labelledby="expiring-title">
      <h2 id="expiring-title">Points about to lapse</h2>
      <ul>
        {expiring.map(({ points, expireTime }) => (
          <li>
            {formatPoints(points)} {points === 1n ? "point lapses" : "points lapse"} on{" "}
            {expireTime && formatInstantDate(expireTime)}
          </li>
        ))}
      </ul>
      <p>Spent on a booking, they do not: points that expire first are spent first.</p>
    </section>
  )
}

function Tiers({ tiers, currency, current }: { tiers: Tier[]; currency: string; current?: string }) {
  return (
    <table class="table stacks">
      <thead>
        <tr>
          <th>Tier</th>
          <th class="amount">From points</th>
          <th class="amount">Earns</th>
          <th class="amount">100 points buy</th>
        </tr>
      </thead>
      <tbody>
        {tiers.map((tier) => (
          <tr aria-current={tier.name === current ? "true" : undefined}>
            <td>
              <b>{capital(tier.name)}</b>
              {tier.name === current && <span class="status good">yours</span>}
              {tier.benefits.length > 0 && <p class="hint">{tier.benefits.join(" · ")}</p>}
            </td>
            <td class="amount" data-label="From points">
              {formatPoints(tier.minimumPoints)}
            </td>
            <td class="amount" data-label="Earns">
              ×{(tier.earningPercent / 100).toFixed(2)}
            </td>
            <td class="amount" data-label="100 points buy">
              {formatMoney({ currency, minorUnits: BigInt(tier.redemptionPercent) })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)
