/**
 * `bun scripts/check-imports.ts`: who may import whom, and a few things that only one place may do. Each rule says why.
 * Prints one line for each breach; exit code 1 when there is any.
 */

import { dirname, join, normalize, resolve } from "node:path"

export type SourceFile = { path: string; text: string }

/** One line for each breach. Paths are relative to the repository's root. */
export function importProblems(files: SourceFile[], dependencies: Map<string, Set<string>>): string[] {
  return files.flatMap((file) => {
    const code = withoutComments(file.text)
    const found = [
      ...imports(code).map((target) => importProblem(file.path, target, dependencies)),
      ...RULES.filter((rule) => rule.applies(file.path)).map(({ pattern, why }) => {
        const breach = pattern.exec(code)
        return breach && `${breach[0].trim()}: ${why}`
      }),
    ]
    return found.filter(Boolean).map((problem) => `${file.path}: ${problem}`)
  })
}

const isTest = (path: string) => /\.test\.tsx?$|\/test\/|\/testing\.ts$/.test(path)

const RULES: { applies: (path: string) => boolean; pattern: RegExp; why: string }[] = [
  {
    applies: (path) => path !== "services/kernel/src/sql.ts" && !isTest(path),
    pattern: /\.(begin|reserve)\(/,
    why: "only the kernel's inTransaction opens transactions (docs/decisions/0003)",
  },
  {
    // What a bench folder has runs by itself, as a main.ts does.
    applies: (path) => !/\/main\.ts$|\/bench\//.test(path) && !path.startsWith("scripts/") && !isTest(path),
    pattern: /\b(process\.env|Bun\.env|import\.meta\.env)\b/,
    why: "only main.ts reads the environment, and passes on what it read",
  },
  {
    applies: (path) => path.startsWith("ui/"),
    pattern: /\bhx-on\b/,
    why: "hx-on evaluates strings, which the pages' content security policy refuses",
  },
  {
    applies: (path) => path.startsWith("ui/") && !isTest(path),
    pattern: /https?:\/\/(?!www\.w3\.org\/|localhost\b|127\.0\.0\.1\b|\$\{)[\w.-]+/,
    why: "no page loads anything from outside",
  },
]

const KERNEL_PROTOS = /^(google\/|grpc\/|airside\/type\/v1\/money$|descriptors\.binpb$)/

function importProblem(path: string, target: string, dependencies: Map<string, Set<string>>): string | undefined {
  const from = workspaceOf(path)
  if (target.startsWith(".")) {
    const reached = normalize(join(dirname(path), target))
    const to = workspaceOf(reached)
    if (to === from) return undefined
    // A service's seed is its public entry point for scripts, beside the kernel.
    if (from === "scripts" && /^services\/[^/]+\/seed\//.test(reached)) return undefined
    return `imports ${target}: ${from} and ${to} share nothing but protos and the kernel`
  }
  if (/^(node|bun):|^bun$/.test(target)) return undefined
  const name = target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/")
  if (name === "@airside/kernel" || name === "@airside/protos") {
    const part = target.slice(name.length + 1)
    if (from === "services/kernel" && name === "@airside/protos" && !KERNEL_PROTOS.test(part)) {
      return `imports ${target}: the kernel knows no service's protos`
    }
    if (from === "protos" && name === "@airside/kernel") return `imports ${target}: protos import nothing of ours`
    return undefined
  }
  if (name.startsWith("@airside/")) return `imports ${target}: nobody imports a service`
  const declared =
    dependencies.get(from)?.has(name) || (dependencies.get("")?.has(name) && (isTest(path) || from === "scripts"))
  return declared ? undefined : `imports ${name}, which ${from || "the root"}'s package.json does not name`
}

function workspaceOf(path: string): string {
  const [first = "", second = ""] = path.split("/")
  return first === "services" ? `${first}/${second}` : first
}

function imports(code: string): string[] {
  return [...code.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*)"([^"\n]+)"/g)].map((match) => match[1]!)
}

/** Leaves strings alone: a URL is no comment. */
function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g, (part) =>
    part.startsWith("/") ? "" : part,
  )
}

/** Names that each workspace's package.json declares; "" is the root's. */
async function declaredDependencies(root: string): Promise<Map<string, Set<string>>> {
  const declared = new Map<string, Set<string>>()
  const services = new Bun.Glob("services/*/package.json").scanSync({ cwd: root })
  for (const path of ["package.json", "protos/package.json", "ui/package.json", ...services]) {
    const file = (await Bun.file(join(root, path)).json()) as Record<string, Record<string, string> | undefined>
    const names = [file.dependencies, file.devDependencies, file.peerDependencies].flatMap((part) =>
      Object.keys(part ?? {}),
    )
    declared.set(path === "package.json" ? "" : dirname(path), new Set(names))
  }
  return declared
}

if (import.meta.main) {
  const root = resolve(import.meta.dir, "..")
  const paths = [...new Bun.Glob("{scripts,services,ui}/**/*.{ts,tsx}").scanSync({ cwd: root })].filter(
    // Its own test is made of breaches.
    (path) => !/node_modules|\/public\/vendor\/|check-imports\.test\.ts$/.test(path),
  )
  const files = await Promise.all(
    paths.sort().map(async (path) => ({ path, text: await Bun.file(join(root, path)).text() })),
  )
  const problems = importProblems(files, await declaredDependencies(root))
  for (const problem of problems) console.error(problem)
  console.log(`${files.length} files, ${problems.length} problems`)
  process.exit(problems.length > 0 ? 1 : 0)
}
