-- What the tests of frozen rows, partial keys and queues with other names are run on.

create table press.papers (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  topic text collate "C" not null,
  code text collate "C" not null,
  status text collate "C" not null,
  pinned boolean not null,
  content_hash text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_papers primary key (tenant_id, id),
  constraint ck_papers_status check (status in ('draft', 'review', 'published'))
);
create unique index uq_papers_topic on press.papers (tenant_id, topic) where status in ('draft', 'review');
create unique index uq_papers_code on press.papers (tenant_id, code) where pinned = true;

create table press.paper_lines (
  tenant_id text collate "C" not null,
  paper_id uuid not null,
  name text collate "C" not null,
  body text collate "C" not null,
  constraint pk_paper_lines primary key (tenant_id, paper_id, name),
  constraint fk_paper_lines_papers foreign key (tenant_id, paper_id) references press.papers (tenant_id, id) on delete cascade
);

create table press.paper_notes (
  tenant_id text collate "C" not null,
  paper_id uuid not null,
  ordinal integer not null,
  body text collate "C" not null,
  constraint pk_paper_notes primary key (tenant_id, paper_id, ordinal),
  constraint fk_paper_notes_papers foreign key (tenant_id, paper_id) references press.papers (tenant_id, id) on delete cascade
);

create table press.parcels (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  status text collate "C" not null,
  attempt bigint not null,
  next_attempt_at timestamptz(3),
  error text collate "C",
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_parcels primary key (tenant_id, id),
  constraint ck_parcels_status check (status in ('queued', 'sending', 'sent', 'failed'))
);
create index idx_parcels_claim on press.parcels (tenant_id, next_attempt_at, id) where status = 'queued';
create index idx_parcels_lease on press.parcels (tenant_id, lease_until, id) where status = 'sending';

create table press.bundles (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  state text collate "C" not null,
  due_at timestamptz(3),
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_bundles primary key (tenant_id, id),
  constraint ck_bundles_state check (state in ('open', 'flushing', 'closed'))
);
create index idx_bundles_due_at on press.bundles (tenant_id, due_at, id);

do $$
declare name text;
begin
  foreach name in array array['papers', 'paper_lines', 'paper_notes', 'parcels', 'bundles'] loop
    call press_app.protect(name);
    execute format('grant select, insert, update, delete on press.%I to press_app', name);
  end loop;
end $$;
call press_app.freeze('papers', 'status', 'published', 'paper_id', 'paper_lines', 'paper_notes');
