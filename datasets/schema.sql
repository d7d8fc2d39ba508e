-- The store of ironlaw: what was measured, on what, where it is from, and what was fitted to it.
-- The application id ('irnl') and user_version, the version of this schema, are set by the code that runs this file
-- (kSchemaVersion in datasets/sqlite.hpp): raise that number with any change here.
-- Text that is not known is NULL, never ''.

CREATE TABLE meta (  -- one row a fact about the database itself, such as the hash of what it was built from
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE source (
  id TEXT PRIMARY KEY CHECK (id <> ''),
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  licence TEXT NOT NULL,
  note TEXT
) STRICT;

-- Devices and models are copied from the plugins and the registry, which are the only truth.
CREATE TABLE device (
  id TEXT PRIMARY KEY CHECK (id <> ''),
  vendor TEXT NOT NULL,
  family TEXT NOT NULL,
  kind TEXT NOT NULL,
  year INTEGER NOT NULL,
  plugin_version TEXT NOT NULL
) STRICT;

CREATE TABLE device_spec (
  device TEXT NOT NULL REFERENCES device(id),
  quantity TEXT NOT NULL,
  unit TEXT NOT NULL,
  value REAL NOT NULL,
  flags TEXT NOT NULL,
  source TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (device, quantity)
) STRICT;

CREATE TABLE model (
  id TEXT PRIMARY KEY CHECK (id <> ''),
  kind TEXT NOT NULL,
  parameters REAL NOT NULL CHECK (parameters >= 0),
  source TEXT NOT NULL
) STRICT;

CREATE TABLE alias (  -- how a table writes a device or a model -> the one name used here
  kind TEXT NOT NULL CHECK (kind IN ('device', 'device_stated', 'model')),
  name TEXT NOT NULL CHECK (name <> ''),
  suite TEXT NOT NULL CHECK (suite IN ('inference', 'training', 'any')),  -- any: of the suites without their own
  round TEXT NOT NULL,  -- '' is every round without a row of its own
  canonical TEXT,       -- NULL: it cannot be told which; the reason says why
  reason TEXT,
  CHECK (canonical IS NOT NULL OR reason IS NOT NULL),
  PRIMARY KEY (kind, suite, name, round)
) STRICT;

CREATE TABLE round (
  id TEXT PRIMARY KEY,  -- 'inference-v4.1'
  suite TEXT NOT NULL CHECK (suite IN ('inference', 'training')),
  published TEXT NOT NULL CHECK (published GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  note TEXT
) STRICT;

-- One row a measured quantity of a system. What a row's run turned out to be otherwise (latencies, output lengths,
-- accuracy, power, steps to converge, ...) is deliberately absent: nothing may use it as an input.
CREATE TABLE observation (
  id INTEGER PRIMARY KEY,  -- the order of loading, which is the same for the same input files
  source TEXT NOT NULL REFERENCES source(id),
  suite TEXT NOT NULL
    CHECK (suite IN ('inference', 'training', 'published-training', 'published-inference', 'serving', 'own')),
  round TEXT REFERENCES round(id) CHECK ((round IS NOT NULL) = (suite IN ('inference', 'training'))),
  published TEXT NOT NULL CHECK (published GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  division TEXT CHECK (division IN ('closed', 'open', 'network')),
  category TEXT,  -- datacenter, edge or both
  availability TEXT,
  submitter TEXT NOT NULL,
  system TEXT,
  platform TEXT,
  device_stated TEXT,  -- the submitter's own words
  device_raw TEXT NOT NULL,  -- the name the table normalises them to
  device TEXT,  -- canonical; no foreign key, for not every device has a plugin
  accelerators INTEGER CHECK (accelerators >= 0),
  accelerators_per_node INTEGER CHECK (accelerators_per_node >= 0),
  nodes INTEGER CHECK (nodes >= 1),
  software TEXT,
  model_raw TEXT NOT NULL,
  model TEXT,  -- canonical
  accuracy_class TEXT,
  scenario TEXT NOT NULL
    CHECK (scenario IN ('Offline', 'Server', 'Interactive', 'SingleStream', 'MultiStream', 'Training', 'Batch', 'Serving')),
  precision TEXT CHECK (precision IN ('fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4')),
  kv_precision TEXT CHECK (kv_precision IN ('fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4')),
  weight_precision TEXT CHECK (weight_precision IN ('fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4')),
  precision_source TEXT,
  tp INTEGER CHECK (tp >= 1),
  pp INTEGER CHECK (pp >= 1),
  vpp INTEGER CHECK (vpp >= 1),
  dp INTEGER CHECK (dp >= 1),
  fsdp INTEGER CHECK (fsdp >= 1),
  cp INTEGER CHECK (cp >= 1),
  ep INTEGER CHECK (ep >= 1),
  instances INTEGER CHECK (instances >= 1),
  micro_batch REAL CHECK (micro_batch > 0),
  batch REAL CHECK (batch > 0),
  global_batch INTEGER CHECK (global_batch >= 1),
  max_num_tokens INTEGER CHECK (max_num_tokens >= 1),
  sequence_length TEXT,
  input_len INTEGER CHECK (input_len >= 1),
  output_len INTEGER CHECK (output_len >= 1),
  concurrency INTEGER CHECK (concurrency >= 1),
  shape TEXT,
  parameters REAL CHECK (parameters > 0),
  recompute TEXT CHECK (recompute IN ('none', 'selective', 'full')),
  zero_stage INTEGER CHECK (zero_stage BETWEEN 0 AND 3),
  attention_dp INTEGER CHECK (attention_dp >= 1),
  moe_tp INTEGER CHECK (moe_tp >= 1),
  mode TEXT CHECK (mode IN ('agg', 'disagg')),
  pools TEXT,
  quantity TEXT NOT NULL CHECK (quantity IN ('tokens_per_s', 'samples_per_s', 'total_tokens_per_s',
    'prefill_tokens_per_s', 'decode_tokens_per_s', 'tokens_per_s_per_user', 'requests_per_s', 'step_time_s',
    'flops_per_s_per_device', 'mfu', 'hfu', 'ttft_s', 'tpot_s', 'latency_s', 'train_time_s', 'device_hours')),
  value REAL NOT NULL CHECK (value > 0),  -- of the whole system unless the quantity says otherwise
  unit TEXT NOT NULL,
  statistic TEXT CHECK (statistic IN ('mean', 'median')),
  flops_convention TEXT CHECK (flops_convention IN ('model', 'hardware')),
  power_limited INTEGER NOT NULL CHECK (power_limited IN (0, 1)),
  power_run INTEGER NOT NULL CHECK (power_run IN (0, 1)),
  inferred INTEGER NOT NULL CHECK (inferred IN (0, 1)),  -- copied from another scenario by the results tool
  duplicate_of TEXT,
  quality_note TEXT,
  note TEXT,
  cell TEXT NOT NULL,  -- (round or source, device, count, model, precision, ...): rows of one are not independent
  origin TEXT,  -- where in the source
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  content TEXT NOT NULL UNIQUE  -- hash of all the above but id, file and line: the same row is loaded once
) STRICT;

-- How long a run took until it was good enough, as MLPerf averages runs: an outcome, which nothing fits rates to.
CREATE TABLE time_to_train (
  observation INTEGER PRIMARY KEY REFERENCES observation(id),
  seconds REAL NOT NULL CHECK (seconds > 0),
  scaling REAL CHECK (scaling > 0)  -- the official score is seconds x this (reference convergence points)
) STRICT;

CREATE INDEX observation_round ON observation (round, scenario);
CREATE INDEX observation_device ON observation (device, model);

-- One row a measured time of one kernel or collective (datasets/README.md, "Operators").
CREATE TABLE operator_measurement (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL REFERENCES source(id),
  device_raw TEXT NOT NULL,
  device TEXT,  -- canonical
  framework TEXT,
  framework_version TEXT,
  kernel TEXT,
  op TEXT NOT NULL CHECK (op IN ('gemm', 'attention_prefill', 'attention_decode', 'attention_training',
    'mla_prefill', 'mla_decode', 'moe', 'memory', 'all_reduce', 'all_gather', 'reduce_scatter', 'all_to_all', 'p2p')),
  variant TEXT,
  launch TEXT CHECK (launch IN ('graph', 'eager')),
  precision TEXT CHECK (precision IN ('fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4')),
  weight_precision TEXT CHECK (weight_precision IN ('fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4')),
  kv_precision TEXT CHECK (kv_precision IN ('fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4')),
  m INTEGER CHECK (m >= 1),
  n INTEGER CHECK (n >= 1),
  k INTEGER CHECK (k >= 1),
  batch INTEGER CHECK (batch >= 1),
  seq_len INTEGER CHECK (seq_len >= 1),
  past_len INTEGER CHECK (past_len >= 0),
  heads INTEGER CHECK (heads >= 1),
  kv_heads INTEGER CHECK (kv_heads >= 1),
  head_dim INTEGER CHECK (head_dim >= 1),
  window INTEGER CHECK (window >= 1),
  bytes REAL CHECK (bytes > 0),
  ranks INTEGER CHECK (ranks >= 1),
  nodes INTEGER CHECK (nodes >= 1),
  experts INTEGER CHECK (experts >= 1),
  topk INTEGER CHECK (topk >= 1),
  moe_tp INTEGER CHECK (moe_tp >= 1),
  moe_ep INTEGER CHECK (moe_ep >= 1),
  hidden INTEGER CHECK (hidden >= 1),
  inter INTEGER CHECK (inter >= 1),
  tokens INTEGER CHECK (tokens >= 1),
  distribution TEXT,
  time_s REAL NOT NULL CHECK (time_s > 0),
  power_w REAL CHECK (power_w > 0),
  power_limit_w REAL CHECK (power_limit_w > 0),
  held INTEGER NOT NULL CHECK (held IN (0, 1)),  -- a site of the recommended hold-out
  suspect INTEGER NOT NULL CHECK (suspect IN (0, 1)),  -- known to be wrong, as quality_note says
  quality_note TEXT,
  origin TEXT,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  content TEXT NOT NULL UNIQUE  -- hash of all the above but id, file and line: the same row is loaded once
) STRICT;

CREATE INDEX operator_measurement_device ON operator_measurement (device, op);

-- One row a prediction of another program for something that is measured, or its refusal.
CREATE TABLE peer_prediction (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL REFERENCES source(id),
  peer TEXT NOT NULL,
  variant TEXT,
  subject TEXT NOT NULL,
  device_raw TEXT,
  device TEXT,
  model_raw TEXT,
  model TEXT,
  input_len INTEGER CHECK (input_len >= 1),
  output_len INTEGER CHECK (output_len >= 1),
  quantity TEXT NOT NULL CHECK (quantity IN ('step_time_s', 'ttft_s', 'tpot_s')),
  predicted REAL CHECK (predicted > 0),
  measured REAL NOT NULL CHECK (measured > 0),
  reason TEXT,
  note TEXT,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  content TEXT NOT NULL UNIQUE,  -- hash of all the above but id, file and line
  CHECK (predicted IS NOT NULL OR reason IS NOT NULL)
) STRICT;

-- One row a microbenchmark of `ironlaw probe`, on a user's own machine. Building the database keeps them.
CREATE TABLE probe_measurement (
  machine TEXT NOT NULL CHECK (machine <> ''),  -- hash of what makes the machine (framework/probe/machine.hpp)
  device TEXT NOT NULL,  -- the CPU's or the accelerator's own name
  cores INTEGER CHECK (cores >= 1),
  memory_bytes REAL CHECK (memory_bytes > 0),
  kernel TEXT,
  compiler TEXT,
  date TEXT NOT NULL CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  what TEXT NOT NULL,
  precision TEXT,  -- of a product
  m INTEGER CHECK (m >= 1),
  n INTEGER CHECK (n >= 1),
  k INTEGER CHECK (k >= 1),
  bytes REAL CHECK (bytes > 0),  -- moved by a stream; the working set on the ladder of caches
  threads INTEGER NOT NULL CHECK (threads >= 1),
  value REAL NOT NULL CHECK (value > 0),  -- the best
  median REAL NOT NULL CHECK (median > 0),
  unit TEXT NOT NULL CHECK (unit IN ('FLOP/s', 'B/s', 's')),
  spread REAL NOT NULL CHECK (spread >= 0),  -- of the times: (third - first quartile) / median
  samples INTEGER NOT NULL CHECK (samples >= 1),
  how TEXT,
  content TEXT NOT NULL UNIQUE  -- hash of all the above: the same row is loaded once
) STRICT;

CREATE TABLE not_loaded (  -- rows of the input files that are not observations, counted by reason
  file TEXT NOT NULL,
  reason TEXT NOT NULL,
  rows INTEGER NOT NULL,
  PRIMARY KEY (file, reason)
) STRICT;

CREATE TABLE fit (
  id INTEGER PRIMARY KEY,
  created_from_data_hash TEXT NOT NULL,
  split TEXT NOT NULL UNIQUE,
  options TEXT NOT NULL,  -- JSON
  summary TEXT NOT NULL,  -- JSON
  covariance BLOB NOT NULL,  -- p x p doubles by rows, little-endian, on the link scale; p as in parameter
  n_rows INTEGER NOT NULL,
  n_cells INTEGER NOT NULL
) STRICT;

CREATE TABLE parameter (
  fit INTEGER NOT NULL REFERENCES fit(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,  -- its row in the covariance
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  level TEXT NOT NULL,
  value_link REAL NOT NULL,
  se_link REAL NOT NULL,
  value REAL NOT NULL,
  prior_mean REAL NOT NULL,
  prior_sd REAL NOT NULL,
  determined INTEGER NOT NULL CHECK (determined IN (0, 1)),
  PRIMARY KEY (fit, position),
  UNIQUE (fit, name, scope, level)
) STRICT;

CREATE TABLE residual (
  fit INTEGER NOT NULL REFERENCES fit(id) ON DELETE CASCADE,
  observation INTEGER NOT NULL REFERENCES observation(id),
  predicted REAL NOT NULL,
  observed REAL NOT NULL,
  log_error REAL NOT NULL,  -- log(predicted / observed)
  held_out INTEGER NOT NULL CHECK (held_out IN (0, 1)),
  PRIMARY KEY (fit, observation)
) STRICT, WITHOUT ROWID;
