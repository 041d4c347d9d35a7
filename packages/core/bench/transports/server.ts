import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"

// Run as a child: answers every POST with one 0.7 KB completion, after the milliseconds that its path names.
const reply = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_763_800_000,
  model: "o3-mini-2025-01-31",
  choices: [{ index: 0, message: { role: "assistant", content: "x".repeat(300) }, finish_reason: "stop" }],
  usage: {
    prompt_tokens: 350,
    completion_tokens: 310,
    total_tokens: 660,
    completion_tokens_details: { reasoning_tokens: 256, audio_tokens: 0 }
  },
  service_tier: "default"
})
const headers = {
  "content-type": "application/json",
  "content-length": Buffer.byteLength(reply),
  "x-cost": "0.00138958",
  "x-remaining-credits": "9.98461042"
}

const server = createServer((request, response) => {
  const latency = Number(request.url?.slice(1))
  request.resume().on("end", async () => {
    if (latency > 0) await sleep(latency)
    response.writeHead(200, headers).end(reply)
  })
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object") process.send?.(address?.port)
})
process.on("disconnect", () => process.exit())
