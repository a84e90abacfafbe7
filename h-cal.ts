import { readFileSync } from "node:fs"
import { rpcCredentials } from "@airside/kernel/credentials"
import { connect } from "@airside/kernel/rpc-client"
import { FlightServiceService, GetFareCalendarRequest, GetFareGridRequest, SearchFilters } from "@airside/protos/airside/flights/v1/flights"
const pid = process.argv[2]!
const flights = connect(FlightServiceService, "127.0.0.1:9101", { credentials: rpcCredentials({}).client, deadlineSeconds: 15 })
const cpu = () => { const f = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" "); return (Number(f[11]) + Number(f[12])) * 10 }
const pairs = ["LHR JFK", "LON NYC", "CDG FRA", "SYD MEL", "DEL BOM", "LAX JFK", "GRU LIS", "VIE AKL", "BGO PER", "IST SIN", "MAD MEX", "ORD HNL"]
const kinds: Record<string, object> = {
  plain: {},
  nearby: { nearbyAirports: true },
  filtered: { filters: [SearchFilters.fromPartial({ checkedBag: true, departure: { fromMinute: 360, untilMinute: 1200 } })], maxConnections: 1 },
}
const N = Number(process.argv[3] ?? 5)
for (let round = 0; round < 3; round++) for (const [kind, more] of Object.entries(kinds)) {
  const before = cpu(); let calls = 0; let worst = 0; let worstPair = ""
  for (let i = 0; i < N; i++) for (const pair of pairs) {
    const [origin, destination] = pair.split(" ")
    const t = performance.now()
    await flights.getFareCalendar(GetFareCalendarRequest.fromPartial({ origin, destination, month: "2027-01", months: 2, adults: 1, ...more }))
    const took = performance.now() - t; if (took > worst) { worst = took; worstPair = pair }
    calls++
  }
  console.log(round, kind, "cpu ms/calendar", ((cpu() - before) / calls).toFixed(2), "slowest wall", worst.toFixed(1), worstPair)
}
flights.close()
