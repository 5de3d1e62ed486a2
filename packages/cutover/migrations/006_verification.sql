-- What comparisons have found. Findings name rows of all tenants: only whoever sees all of them reads this.
create table cutover.comparisons (
  module text collate "C" not null,
  sha256 text collate "C" not null,
  finished_at timestamptz(3) not null,
  epoch bigint not null,
  generation bigint not null,
  findings bigint not null,
  -- As it was written, so that its digest can be computed again.
  receipt text not null,
  constraint pk_comparisons primary key (module, sha256)
);
grant select, insert, delete on cutover.comparisons to stella_replicator;
