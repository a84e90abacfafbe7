import { type HealthCheckRequest, HealthCheckResponse_ServingStatus } from "@airside/protos/grpc/health/v1/health"
import type { Server } from "@grpc/grpc-js"
import { HealthImplementation } from "grpc-health-check"
import { Failure } from "./errors.ts"

const HEALTH_CHECK_SECONDS = 1
/** A check that takes longer has failed: nobody can be served by a service that waits for its database. */
const HEALTH_CHECK_LIMIT_SECONDS = 5

/** grpc.health.v1 for a server and its services, who are well while what they cannot do without answers. */
export function addHealth(server: Server, names: string[], checkDependencies: () => Promise<unknown>) {
  const health = new HealthImplementation({ "": "NOT_SERVING" })
  let isServing = false
  const setAll = (serving: boolean) => {
    isServing = serving
    for (const name of ["", ...names]) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING")
  }
  let stopped = false
  let timer: Timer | undefined
  const check = async () => {
    const serving = await within(HEALTH_CHECK_LIMIT_SECONDS, checkDependencies)
    if (stopped) return
    setAll(serving)
    timer = setTimeout(check, HEALTH_CHECK_SECONDS * 1000)
  }
  check()
  health.addToServer(server)
  return {
    /** What gRPC-Web answers; gRPC has grpc-health-check. */
    async check({ request }: { request: unknown }): Promise<unknown> {
      const { service: name } = request as HealthCheckRequest
      if (name !== "" && !names.includes(name)) throw new Failure("NOT_FOUND", "NOT_FOUND", `No service is ${name}.`)
      const { SERVING, NOT_SERVING } = HealthCheckResponse_ServingStatus
      return { status: isServing ? SERVING : NOT_SERVING }
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      setAll(false)
    },
  }
}

/** True when the work ends well in time. */
async function within(seconds: number, work: () => Promise<unknown>): Promise<boolean> {
  let timer: Timer | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000)
  })
  const done = Promise.try(work).then(
    () => true,
    () => false,
  )
  return Promise.race([done, tooLate]).finally(() => clearTimeout(timer))
}
