import type { Migration } from "./Migration.ts"

/**
 * The first schema. Integer keys; `name` columns hold what Assay prints; money in pico-credits; times in UTC milliseconds.
 *
 * `attempt` is what was asked and where it stands, and its rows only ever shrink in place, since a grown row would split
 * its page. What happened to it is in `ledger_entry`, whose three deltas sum up to the totals in `budget`.
 *
 * An index over values that fall anywhere (hashes, random names) writes a page a row, at about 10 µs of CPU each. So keys
 * are indexed only while they are open, names not at all, and trials by their sample, whose trials run together.
 * Checks are chains of `OR`, because SQLite builds a table for every `IN` it meets, in every row.
 */
export const migration0001: Migration = {
  version: 1,
  sql: `
CREATE TABLE owner (
  id INTEGER PRIMARY KEY,
  pid INTEGER NOT NULL,
  -- Clock ticks since boot; a pid that was given anew has another. NULL where the system does not tell.
  process_start INTEGER,
  host TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  -- Renewed while the store is open; what tells life from death when the process is on another host.
  seen_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  status TEXT NOT NULL CHECK (status = 'running' OR status = 'completed' OR status = 'incomplete' OR status = 'out-of-budget' OR status = 'interrupted'),
  seed INTEGER NOT NULL,
  provider TEXT NOT NULL,
  base_url TEXT NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated = 0 OR simulated = 1),
  budget_pico_credits INTEGER NOT NULL,
  sample_limit INTEGER,
  git_commit TEXT,
  trials INTEGER NOT NULL,
  owner_id INTEGER REFERENCES owner (id)
) STRICT;
CREATE INDEX run_created ON run (created_at, id);

CREATE TABLE run_suite (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  name TEXT NOT NULL,
  file TEXT,
  samples_hash TEXT NOT NULL,
  scorers_hash TEXT NOT NULL,
  samples INTEGER NOT NULL,
  trials_per_sample INTEGER NOT NULL,
  UNIQUE (run_id, name)
) STRICT;

CREATE TABLE variant (
  id INTEGER PRIMARY KEY,
  run_suite_id INTEGER NOT NULL REFERENCES run_suite (id),
  name TEXT NOT NULL,
  prompt TEXT NOT NULL,
  prompt_hash TEXT NOT NULL,
  model TEXT NOT NULL,
  reasoning_effort TEXT,
  max_completion_tokens INTEGER NOT NULL,
  UNIQUE (run_suite_id, name)
) STRICT;

CREATE TABLE sample (
  id INTEGER PRIMARY KEY,
  run_suite_id INTEGER NOT NULL REFERENCES run_suite (id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  input TEXT,
  target TEXT,
  cluster TEXT NOT NULL,
  tags TEXT NOT NULL,
  UNIQUE (run_suite_id, name)
) STRICT;

CREATE TABLE rendered_prompt (
  id INTEGER PRIMARY KEY,
  hash ANY NOT NULL UNIQUE,
  messages TEXT NOT NULL
) STRICT;

CREATE TABLE budget (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  limit_pico_credits INTEGER NOT NULL,
  settled_pico_credits INTEGER NOT NULL DEFAULT 0,
  reserved_pico_credits INTEGER NOT NULL DEFAULT 0,
  held_pico_credits INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  budget_id INTEGER NOT NULL REFERENCES budget (id),
  owner_id INTEGER NOT NULL REFERENCES owner (id),
  key ANY NOT NULL,
  kind TEXT NOT NULL CHECK (kind = 'answer' OR kind = 'judge' OR kind = 'probe'),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  bound_pico_credits INTEGER NOT NULL,
  reserved_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state = 'reserved' OR state = 'settled' OR state = 'released' OR state = 'held')
) STRICT;
CREATE INDEX attempt_budget ON attempt (budget_id);
CREATE INDEX attempt_open ON attempt (key) WHERE state = 'reserved' OR state = 'held';

CREATE TABLE completion (
  attempt_id INTEGER PRIMARY KEY REFERENCES attempt (id),
  settle_entry_id INTEGER NOT NULL REFERENCES ledger_entry (id),
  headers TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE ledger_entry (
  id INTEGER PRIMARY KEY,
  attempt_id INTEGER NOT NULL REFERENCES attempt (id),
  kind TEXT NOT NULL CHECK (kind = 'reserve' OR kind = 'settle' OR kind = 'release' OR kind = 'hold' OR kind = 'resolve'),
  at INTEGER NOT NULL,
  settled_pico_credits INTEGER NOT NULL,
  reserved_pico_credits INTEGER NOT NULL,
  held_pico_credits INTEGER NOT NULL,
  charge_source TEXT,
  number INTEGER,
  class TEXT,
  status INTEGER,
  request_id TEXT,
  reason TEXT,
  -- The bytes left this long before the time in "at".
  latency_ms REAL
) STRICT;
CREATE INDEX ledger_entry_held ON ledger_entry (attempt_id) WHERE held_pico_credits <> 0;

CREATE TABLE trial (
  id INTEGER PRIMARY KEY,
  variant_id INTEGER NOT NULL REFERENCES variant (id),
  sample_id INTEGER NOT NULL REFERENCES sample (id),
  trial_index INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome = 'passed' OR outcome = 'failed' OR outcome = 'unscored'),
  reason TEXT,
  rendered_prompt_id INTEGER NOT NULL REFERENCES rendered_prompt (id),
  attempt_id INTEGER REFERENCES attempt (id),
  -- The attempt's name where this database's ledger does not know it.
  attempt_elsewhere TEXT,
  attempts INTEGER NOT NULL,
  -- 1: the output is choices[0].message.content of the completion's body and not stored twice.
  output_in_body INTEGER NOT NULL CHECK (output_in_body = 0 OR output_in_body = 1),
  output TEXT,
  finish_reason TEXT,
  response_model TEXT,
  system_fingerprint TEXT,
  prompt_tokens INTEGER,
  completion_tokens INTEGER,
  reasoning_tokens INTEGER,
  cost_pico_credits INTEGER NOT NULL,
  latency_ms REAL,
  finished_at INTEGER NOT NULL,
  -- Which round of scores counts: a trial that was unscored may be scored again.
  score_round INTEGER NOT NULL,
  UNIQUE (sample_id, variant_id, trial_index)
) STRICT;

CREATE TABLE score (
  trial_id INTEGER NOT NULL REFERENCES trial (id),
  round INTEGER NOT NULL,
  position INTEGER NOT NULL,
  completion_id INTEGER REFERENCES completion (attempt_id),
  scorer TEXT NOT NULL,
  scorer_version INTEGER NOT NULL,
  value REAL,
  passed INTEGER NOT NULL CHECK (passed = 0 OR passed = 1),
  explanation TEXT NOT NULL,
  details TEXT,
  PRIMARY KEY (trial_id, round, position)
) STRICT, WITHOUT ROWID;

CREATE VIEW v_trial AS
SELECT
  run.name AS run,
  run_suite.name AS suite,
  variant.name AS variant,
  variant.model AS model,
  sample.name AS sample,
  sample.cluster AS cluster,
  trial.trial_index,
  trial.outcome,
  trial.reason,
  CASE WHEN trial.output_in_body = 1
    THEN coalesce(json_extract(completion.body, '$.choices[0].message.content'), '')
    ELSE trial.output
  END AS output,
  sample.input,
  sample.target,
  trial.finish_reason,
  trial.response_model,
  trial.prompt_tokens,
  trial.completion_tokens,
  trial.reasoning_tokens,
  trial.cost_pico_credits,
  trial.latency_ms,
  trial.attempts,
  coalesce(attempt.name, trial.attempt_elsewhere) AS attempt,
  trial.finished_at,
  run.simulated,
  trial.id AS trial_id,
  trial.score_round
FROM trial
JOIN variant ON variant.id = trial.variant_id
JOIN run_suite ON run_suite.id = variant.run_suite_id
JOIN run ON run.id = run_suite.run_id
JOIN sample ON sample.id = trial.sample_id
LEFT JOIN attempt ON attempt.id = trial.attempt_id
LEFT JOIN completion ON completion.attempt_id = trial.attempt_id;

CREATE VIEW v_pass_rate AS
SELECT
  run.name AS run,
  run_suite.name AS suite,
  variant.name AS variant,
  count(*) FILTER (WHERE trial.outcome = 'passed') AS passed,
  count(*) FILTER (WHERE trial.outcome IN ('passed', 'failed')) AS n,
  -- NULL when nothing was scored: no rate is not a rate of 0.
  1.0 * count(*) FILTER (WHERE trial.outcome = 'passed')
    / nullif(count(*) FILTER (WHERE trial.outcome IN ('passed', 'failed')), 0) AS pass_rate,
  count(*) FILTER (WHERE trial.outcome = 'unscored') AS unscored,
  coalesce(sum(trial.cost_pico_credits), 0) AS cost_pico_credits,
  run.simulated
FROM variant
JOIN run_suite ON run_suite.id = variant.run_suite_id
JOIN run ON run.id = run_suite.run_id
LEFT JOIN sample ON sample.run_suite_id = run_suite.id
LEFT JOIN trial ON trial.sample_id = sample.id AND trial.variant_id = variant.id
GROUP BY variant.id;

CREATE VIEW v_spend AS
SELECT
  budget.name AS budget,
  attempt.kind,
  attempt.provider,
  attempt.model,
  count(DISTINCT attempt.id) AS attempts,
  sum(ledger_entry.settled_pico_credits) AS settled_pico_credits,
  sum(ledger_entry.reserved_pico_credits) AS reserved_pico_credits,
  sum(ledger_entry.held_pico_credits) AS held_pico_credits
FROM ledger_entry
JOIN attempt ON attempt.id = ledger_entry.attempt_id
JOIN budget ON budget.id = attempt.budget_id
GROUP BY budget.id, attempt.kind, attempt.provider, attempt.model;
`
}
