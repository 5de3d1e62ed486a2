-- What the tests of the shared repositories are run on.

create table shop.goods (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  name_folded text collate "C" not null,
  pin text collate "C",
  sold bigint not null,
  deleted_at timestamptz(3),
  deleted_by text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_goods primary key (tenant_id, id)
);
create unique index uq_goods_name_folded on shop.goods (tenant_id, name_folded) where deleted_at is null;
create unique index uq_goods_pin on shop.goods (tenant_id, pin) where deleted_at is null;

create table shop.good_labels (
  tenant_id text collate "C" not null,
  good_id uuid not null,
  label text collate "C" not null,
  lang text collate "C" not null,
  weight bigint not null,
  constraint pk_good_labels primary key (tenant_id, good_id, label, lang),
  constraint fk_good_labels_goods foreign key (tenant_id, good_id) references shop.goods (tenant_id, id) on delete cascade
);

create table shop.good_remarks (
  tenant_id text collate "C" not null,
  good_id uuid not null,
  ordinal integer not null,
  body text collate "C" not null,
  at timestamptz(3) not null,
  constraint pk_good_remarks primary key (tenant_id, good_id, ordinal),
  constraint fk_good_remarks_goods foreign key (tenant_id, good_id) references shop.goods (tenant_id, id) on delete cascade
);

create table shop.orders (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  priority text collate "C" not null,
  priority_rank integer not null,
  status text collate "C" not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  available_at timestamptz(3) not null,
  last_error text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_orders primary key (tenant_id, id),
  constraint ck_orders_status check (status in ('queued', 'running', 'succeeded', 'failed')),
  constraint ck_orders_priority check (priority in ('urgent', 'high', 'normal'))
);
create index idx_orders_claim on shop.orders (tenant_id, priority_rank, available_at, id) where status = 'queued';
create index idx_orders_lease on shop.orders (tenant_id, lease_until, id) where status = 'running';

create table shop.order_events (
  tenant_id text collate "C" not null,
  order_id uuid not null,
  ordinal integer not null,
  status text collate "C" not null,
  error text collate "C",
  at timestamptz(3) not null,
  constraint pk_order_events primary key (tenant_id, order_id, ordinal),
  constraint fk_order_events_orders foreign key (tenant_id, order_id) references shop.orders (tenant_id, id) on delete cascade
);

create table shop.errands (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  status text collate "C" not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  available_at timestamptz(3) not null,
  last_error text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_errands primary key (tenant_id, id),
  constraint ck_errands_status check (status in ('queued', 'running', 'succeeded', 'failed'))
);
create index idx_errands_claim on shop.errands (tenant_id, available_at, id) where status = 'queued';
create index idx_errands_lease on shop.errands (tenant_id, lease_until, id) where status = 'running';
create index idx_errands_updated_at on shop.errands (tenant_id, updated_at, id);

create table shop.alarms (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  enabled boolean not null,
  next_at timestamptz(3),
  missed bigint not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_alarms primary key (tenant_id, id)
);
create index idx_alarms_next_at on shop.alarms (tenant_id, next_at, id);

create table shop.locks (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  lock_key text collate "C" not null,
  holder text collate "C",
  fencing_token bigint not null,
  acquired_at timestamptz(3),
  expires_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_locks primary key (tenant_id, id),
  constraint uq_locks_lock_key unique (tenant_id, lock_key)
);

create table shop.audit (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  actor text collate "C" not null,
  action text collate "C" not null,
  target_kind text collate "C" not null,
  target_id text collate "C" not null,
  details jsonb not null,
  occurred_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_audit primary key (tenant_id, id)
);
create index idx_audit_target_kind_target_id_occurred_at on shop.audit (tenant_id, target_kind, target_id, occurred_at, id);

do $$
declare name text;
begin
  foreach name in array array['goods', 'good_labels', 'good_remarks', 'orders', 'order_events', 'errands', 'alarms', 'locks', 'audit'] loop
    call shop_app.protect(name);
    execute format('grant select, insert, update, delete on shop.%I to shop_app', name);
  end loop;
end $$;
create index idx_audit_occurred_at on shop.audit (tenant_id, occurred_at, id);
revoke update, delete on shop.audit from shop_app;
call shop_app.retain('audit', 'occurred_at', 30);
