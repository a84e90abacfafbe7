import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import fc from "fast-check"
import { type Loyalty, reasonOf, startLoyalty } from "../testing.ts"

let loyalty: Loyalty
beforeAll(async () => {
  loyalty = await startLoyalty()
})
afterAll(() => loyalty.stop())

const points = fc.bigInt({ min: 1n, max: 300n })
const pick = fc.nat({ max: 9 })
const move = fc.oneof(
  fc.record({ move: fc.constant("earn" as const), points, pick }),
  fc.record({ move: fc.constant("adjust" as const), points: fc.bigInt({ min: -200n, max: 200n }), pick }),
  fc.record({ move: fc.constant("redeem" as const), points, pick }),
  fc.record({ move: fc.constant("reverse" as const), points: fc.bigInt({ min: 0n, max: 300n }), pick }),
  fc.record({ move: fc.constant("expire" as const), points, pick }),
)

/** Runs moves three at a time, so that they meet each other. */
async function play(userId: string, moves: { move: string; points: bigint; pick: number }[]) {
  const ids = Array.from({ length: 10 }, newId)
  const carryOut = (each: (typeof moves)[number]): Promise<unknown> => {
    const transactionId = ids[each.pick]!
    if (each.move === "earn") return loyalty.earn(userId, each.points * 50n, { transactionId })
    if (each.move === "adjust") return loyalty.adjust(userId, each.points)
    if (each.move === "redeem") return loyalty.redeem(userId, each.points, { transactionId })
    if (each.move === "reverse") return loyalty.reverse(userId, transactionId, { points: each.points })
    return loyalty.setExpiry(userId, transactionId, 0)
  }
  for (let start = 0; start < moves.length; start += 3) {
    const reasons = await Promise.all(moves.slice(start, start + 3).map((each) => reasonOf(carryOut(each))))
    for (const reason of reasons) expect(reason).not.toBe("INTERNAL")
  }
}

test("after any sequence of moves, balance and lifetime are the sums of the transactions, the statement adds up row by row, and the lots hold the balance", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 15, maxLength: 30 }), async (moves) => {
      const userId = newId()
      await play(userId, moves)
      await loyalty.accountOf(userId)
      const [sums] = await loyalty.sql`
        select
          balance - (select coalesce(sum(points), 0) from points_transactions t where t.user_id = a.user_id) as transactions,
          lifetime - (select coalesce(sum(lifetime_points), 0) from points_transactions t where t.user_id = a.user_id) as lifetime,
          balance - (select coalesce(sum(remaining), 0) from lots l where l.user_id = a.user_id) as lots,
          (
            select coalesce(sum(l.points - l.remaining), 0) - (
              select coalesce(sum(d.points - d.returned_points), 0) from lot_draws d where d.user_id = a.user_id
            )
            from lots l
            where l.user_id = a.user_id
          ) as draws,
          (
            select count(*)
            from (
              select balance_after, sum(points) over (order by sequence) as running
              from points_transactions t
              where t.user_id = a.user_id
            ) statement
            where balance_after <> running
          ) as statement,
          last_sequence - (select count(*) from points_transactions t where t.user_id = a.user_id) as rows
        from loyalty_accounts a
        where user_id = ${userId}`
      expect(sums).toMatchObject({ transactions: "0", lifetime: "0", lots: "0", draws: "0", statement: 0n, rows: 0n })
    }),
    { numRuns: 15 },
  )
})
