/* cutover.pml: the move of a module between two databases. Model of architecture.md "Stages" and "Why nothing is lost".
 *
 * RUN      spin -DWIN_E -DMAXW=3 -a cutover.pml && gcc -O2 -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -m2000000
 *          shortest counterexample: add -DBFS to gcc;   replay: spin <same -D> -t -p cutover.pml
 *          progress: spin -DPROGRESS -DMAXCRASH=2 <bounds> -a … && gcc -O2 -DCOLLAPSE -DNFAIR=3 -o pan pan.c && ./pan -a -f
 *          ./check.sh runs the switches that switches.txt lists, each with bounds in which it is found.
 *
 * With no BUG_ or GAP_ switch it is the MENDED design. GAP_x takes one mend away (the text as it can be read today).
 * BUG_x is a seeded, known bug. Each must be reported as an error, save those marked (alone: harmless).
 *
 * WINDOWS  WIN_A mongo>dual>live>dual             WIN_B live>dual>mongo>dual(new generation)>live
 *          WIN_C dual>mongo>dual>live             WIN_D live>postgres>live(new generation)>dual
 *          WIN_E dual>live>dual                   WIN_F mongo>dual>live>dual>mongo>dual>live     WIN_G live>dual>mongo
 * BOUNDS   MAXW commits that change something (3), NW writers (2), NK workers (2), NOP movers/recoverers (2), MAXREV reverts (1),
 *          MAXPURGE purges (1), one key. Crashes unbounded (a crash forgets the local state), or MAXCRASH together.
 *
 * PROPERTIES (asserted after every step that changes something)
 *   BASE    a unit commits only on the last committed state, never under an older epoch than one that has committed       (1)(2)
 *   I_PRIM  the settled primary holds the last committed state (nothing lost, nothing resurrected on it)                  (1)(5)(6)
 *   I_SEC   replicating, swept, nothing pending: the secondary holds it too (no ghost, no missing)                        (1)(6)(7)
 *   I_ONE   never two settled copies;  I_BOTH never two databases that accept or have a unit in flight                    (2)(3)
 *   I_EQ    equal (generation, revision) on both: equal content and deleted flag (NO_EQ leaves it out)                    (4)
 *   in deliver(): an apply never replaces newer content by older;  in the sweep: the swept row is never the live one      (5)(6)
 *   Read    (READER) no counted answer from the old primary after the new one committed                                   (8)
 *   invalid end states with MAXCRASH: no deadlock;  PROGRESS: <> DONE under weak fairness                                 (3)
 *
 * SEEDED   BUG_NO_REGISTER  BUG_CLEAR_ALWAYS  BUG_NUMBER (validator with a number)  BUG_REVERT_SAME (old epoch reopened)
 *          BUG_CHECK_FIRST (check, no lock)  BUG_CLOSE_NOWAIT  BUG_DRAIN_FIRST  BUG_NO_RECHECK (READER)
 * GAPS     GAP_ABORT_LEAVES_OPEN  reverter opens e+1 without closing e
 *          GAP_APPLY_UNFENCED     applies are not fenced; its halves: GAP_SWEEP_NO_CLOSE, GAP_PURGE_NO_CLOSE
 *          GAP_PURGE_UNFENCED     purge is not a unit of work
 *          GAP_SETTLE_FIRST       `settled` before the epoch is created (found by PROGRESS);  + GAP_CLOSE_ABSENT: both accept
 *          GAP_CLOSE_ABSENT       closing an epoch that is not there does nothing (alone: harmless)
 *          GAP_IMPLICIT_CREATE    an insert creates epoch_<n> (alone: harmless);  GAP_DROP_CLOSED: closed epochs are dropped
 *          GAP_COPY_BLIND         copies ordered by epoch only, not by state within it
 *          GAP_CLEAR_REV  GAP_NO_RESTAMP  GAP_CURSOR_KEPT  GAP_SWEPT_FLAG  GAP_BACK_UNGUARDED
 *          GAP_GEN_KEPT           a single-database stage keeps the generation (with NO_EQ: harmless)
 *          GAP_LEASE_UNCHECKED  GAP_LEASE_ANY_EPOCH  GAP_LEASE_THIS_EPOCH   (READER)
 *          GAP_RESTORE_UNFENCED   a restore does not enter the apply fence   (ARCHIVE)
 *          GAP_EMPTY_BLIND        emptying deletes whatever is there, not only what is of an older generation   (ARCHIVE)
 *
 * ARCHIVE  (a further process) decommission and restore: in a single-database stage the other database's row and register entry are copied away,
 *          emptied by the sweep of the generation that began when replication ended, and brought back by an apply of that generation into what is
 *          empty; each at any time later, under a belief however stale.
 *
 * ABSTRACTED  PostgreSQL: the row is the fence (open = settled at that epoch). MongoDB: epoch_<n> absent / open / closed. A unit's reads, register and
 *   write are one step at its commit, so conflicts between units are serial. An apply, a sweep of the key, a purge are one transaction each; what a sweep or a purge closes first is a step of its own, at any time before.
 *   Workers are applier, replicator, backfill and sweeper in one; they believe a source and a generation that may be arbitrarily old.
 * NOT MODELLED  unknown COMMIT, failover and rollback inside MongoDB or PostgreSQL, stale drain reads, several keys and unique values, parked keys,
 *   change-stream capture, comparison, time (leases expire at any moment), callers' cached stage starving the fence, write skew inside one database.
 */
#define M 0
#define P 1
#ifndef MAXW
#define MAXW 3
#endif
#ifndef MAXREV
#define MAXREV 1
#endif
#ifndef NW
#define NW 2
#endif
#ifndef NK
#define NK 2
#endif
#ifndef NOP
#define NOP 2
#endif
#ifndef MAXPURGE
#define MAXPURGE 1
#endif
/* stages */
#define MONGO 0
#define DW    1
#define LIVE  2
#define PG    3
#define PRIM(s) ((s)>=2)
#define DUAL(s) ((s)==DW || (s)==LIVE)
/* states of a copy of the stage record, in their order within one epoch */
#define NONE 0
#define READY 1
#define OPENING 2     /* decided here (aborted, or a change that keeps the primary); epoch not yet open */
#define SETTLED 3
#define MOVING 4
#define MOVED 5

/* window of the way */
#ifdef WIN_A
#define START MONGO
#define NSTEP 3
#define NEXT(p) ((p)==0 -> DW : ((p)==1 -> LIVE : DW))
#endif
#ifdef WIN_B
#define START LIVE
#define NSTEP 4
#define NEXT(p) ((p)==0 -> DW : ((p)==1 -> MONGO : ((p)==2 -> DW : LIVE)))
#endif
#ifdef WIN_C
#define START DW
#define NSTEP 3
#define NEXT(p) ((p)==0 -> MONGO : ((p)==1 -> DW : LIVE))
#endif
#ifdef WIN_D
#define START LIVE
#define NSTEP 3
#define NEXT(p) ((p)==0 -> PG : ((p)==1 -> LIVE : DW))
#endif
#ifdef WIN_E
#define START DW
#define NSTEP 2
#define NEXT(p) ((p)==0 -> LIVE : DW)
#endif
#ifdef WIN_G
#define START LIVE
#define NSTEP 2
#define NEXT(p) ((p)==0 -> DW : MONGO)
#endif
#ifdef WIN_F
#define START MONGO
#define NSTEP 6
#define NEXT(p) ((p)==0 -> DW : ((p)==1 -> LIVE : ((p)==2 -> DW : ((p)==3 -> MONGO : ((p)==4 -> DW : LIVE)))))
#endif

byte st[2], ep[2], sg[2], gn[2];          /* copies of the stage record */
short opm, clm;                           /* mongo: epoch_<n> created / closed */
byte fnum;                                /* BUG_NUMBER only */
byte rg[2], rr[2], sq[2];                 /* register: generation, revision (0 = no row); sq: content */
bit  rp[2], lv[2];                        /* pending; the row is there (deleted = register without row) */
byte fl[2];                               /* apply fence: applies begun under a generation < fl are refused */
byte bfg, swg;                            /* generation for which backfill / sweep is recorded complete */
byte inD[NW], inE[NW];                    /* units in flight: database+1, epoch */
byte tsq, purges, revs, pos; bit tlv;     /* tsq, tlv: the truth = last committed state */
byte maxE, wD;                              /* highest epoch under which a unit committed */

#ifdef MAXCRASH                          /* crashes bounded: for the deadlock and progress runs; else unbounded */
byte crashes;
#define CRASH crashes<MAXCRASH -> crashes=crashes+1
#else
#define CRASH true
#endif

#define TRUST(d) (st[d]==SETTLED)
#ifdef BUG_NUMBER
#define MOPEN(e) ((e)>=fnum)
#define ACCM ((st[M]==SETTLED && MOPEN(ep[M])))
#else
#ifdef GAP_IMPLICIT_CREATE   /* insert into an absent epoch_<n> creates it */
#define MOPEN(e) (!((clm>>(e))&1))
#else
#define MOPEN(e) (((opm>>(e))&1) && !((clm>>(e))&1))
#endif
#define ACCM ((opm & ~clm)!=0)
#endif
#define CANENTER(d,e) ((d)==M -> MOPEN(e) : (st[P]==SETTLED && ep[P]==(e)))
#define ACCP (st[P]==SETTLED)
#define INFL0(d,e) (inD[0]==(d)+1 && inE[0]==(e))
#if NW>1
#define INFL(d,e) (INFL0(d,e) || (inD[1]==(d)+1 && inE[1]==(e)))
#define INDB(d) (inD[0]==(d)+1 || inD[1]==(d)+1)
#else
#define INFL(d,e) INFL0(d,e)
#define INDB(d) (inD[0]==(d)+1)
#endif
#define HOLDS(d) (lv[d]==tlv && (!tlv || sq[d]==tsq))
#define I_ONE   (!(TRUST(M) && TRUST(P)))
#define I_BOTH  (!((ACCM || INDB(M)) && (ACCP || INDB(P))))
#define I_PRIM(d) (!TRUST(d) || HOLDS(d))
#define I_SEC(d)  (!(TRUST(d) && DUAL(sg[d]) && swg==gn[d] && !rp[d]) || HOLDS(1-(d)))
#ifdef NO_EQ
#define I_EQ true
#else
#define I_EQ    (!(rr[M]!=0 && rg[M]==rg[P] && rr[M]==rr[P]) || (lv[M]==lv[P] && sq[M]==sq[P]))
#endif
#define CHECK assert(I_ONE); assert(I_BOTH); assert(I_PRIM(M)); assert(I_PRIM(P)); assert(I_SEC(M)); assert(I_SEC(P)); assert(I_EQ)
#define HIGHER(g,r,d) ((g)>rg[d] || ((g)==rg[d] && (r)>rr[d]))
#define DONE (pos==NSTEP && ((TRUST(M) && MOPEN(ep[M]))||TRUST(P)))

#define LEARN(x) TRUST(x) -> d=x; e=ep[x]; g=gn[x]; s=sg[x]
#define BASE assert(e>=maxE); assert(HOLDS(d)); maxE=e; wD=d

#ifdef READER
byte iD, iE; bit lease, no;  /* one instance: belief, lease; no: changes when a lease ends */
#endif

#ifdef GAP_PURGE_NO_CLOSE
#define PURGECLOSED(d,e) true
#else
#define PURGECLOSED(d,e) (fl[d]>=(e))
#endif

proctype Writer(byte id) {
  byte d, e, g, s;
end:
  do
  :: tsq<MAXW || purges<MAXPURGE ->
     atomic { if :: LEARN(M) :: LEARN(P) fi };
     if
#ifdef GAP_PURGE_UNFENCED
     :: d_step { !DUAL(s) && purges<MAXPURGE && rr[d]!=0 && !lv[d] -> purges=purges+1;
          rr[d]=0; rg[d]=0; rp[d]=0; d=0; e=0; g=0; s=0; CHECK }
#endif
#ifndef GAP_PURGE_NO_CLOSE
     :: d_step { !DUAL(s) && purges<MAXPURGE && fl[d]<e -> fl[d]=e; d=0; e=0; g=0; s=0; CHECK }   /* before a purge: older applies are closed */
#endif
     :: atomic { CANENTER(d,e) ->
#ifdef GAP_IMPLICIT_CREATE
          if :: d==M -> opm = opm | (1<<e) :: else fi;
#endif
#ifndef BUG_CHECK_FIRST
          inD[id]=d+1; inE[id]=e
#endif
        };
        if
        :: d_step { tsq<MAXW -> BASE; assert(g>=rg[d]);            /* put, also a re-creation */
             rr[d]=rr[d]+1; rg[d]=g; lv[d]=1; rp[d]=DUAL(s); tsq=tsq+1; sq[d]=tsq; tlv=1;
             inD[id]=0; inE[id]=0; d=0; e=0; g=0; s=0; CHECK }
        :: d_step { tsq<MAXW && lv[d] -> BASE; assert(g>=rg[d]);   /* delete */
             rr[d]=rr[d]+1; rg[d]=g; lv[d]=0; rp[d]=DUAL(s); tsq=tsq+1; sq[d]=tsq; tlv=0;
             inD[id]=0; inE[id]=0; d=0; e=0; g=0; s=0; CHECK }
        :: d_step { !lv[d] -> BASE;                                /* a verb that matches nothing */
             inD[id]=0; inE[id]=0; d=0; e=0; g=0; s=0 }
        :: d_step { !DUAL(s) && purges<MAXPURGE && rr[d]!=0 && !lv[d] && PURGECLOSED(d,e) ->   /* purge of the tombstone */
             purges=purges+1;
             rr[d]=0; rg[d]=0; rp[d]=0; inD[id]=0; inE[id]=0; d=0; e=0; g=0; s=0; CHECK }
        :: d_step { inD[id]=0; inE[id]=0; d=0; e=0; g=0; s=0 }     /* rollback or crash */
        fi
     :: d_step { !CANENTER(d,e) -> d=0; e=0; g=0; s=0 }             /* fenced: whole unit again */
     fi
  od
}

#ifdef GAP_APPLY_UNFENCED
#define MAYAPPLY(d,b) true
#else
#define MAYAPPLY(d,b) ((b)>=fl[d])
#endif
#ifdef BUG_NO_REGISTER
#define WINS(g,r,d) true
#else
#define WINS(g,r,d) HIGHER(g,r,d)
#endif

inline deliver() {           /* one transaction at the secondary 1-s */
  if
  :: WINS(g,r,1-s) ->
       assert(q>=sq[1-s]);   /* (5): never older over newer */
       rg[1-s]=g; rr[1-s]=r; sq[1-s]=q; lv[1-s]=l; rp[1-s]=0
#ifdef NO_EQ
  :: else
#else
  :: else -> assert(!(g==rg[1-s] && r==rr[1-s]) || (q==sq[1-s] && l==lv[1-s]))
#endif
  fi; CHECK
}
#ifdef PROGRESS
#define AGAIN (bfg<b)        /* no worker repeats a finished backfill for ever */
#else
#define AGAIN true
#endif
#ifdef GAP_CURSOR_KEPT       /* durable cursors not keyed by generation */
#define BFDONE (bfg!=0)
#else
#define BFDONE (bfg>=b)
#endif
#define FORGET s=0; b=0; g=0; r=0; q=0; l=0

proctype Worker() {          /* applier, replicator, backfill worker, sweeper; believes (source s, generation b), however stale */
  byte s, b, g, r, q; bit l;
end:
  do
  :: atomic { if :: TRUST(M) && DUAL(sg[M]) && (rp[M] || swg<gn[M]) -> s=M; b=gn[M]
                 :: TRUST(P) && DUAL(sg[P]) && (rp[P] || swg<gn[P]) -> s=P; b=gn[P]
                 :: (st[M]==MOVING && DUAL(sg[M]) && rp[M]) -> s=M; b=gn[M]       /* draining */
                 :: (st[P]==MOVING && DUAL(sg[P]) && rp[P]) -> s=P; b=gn[P] fi };
     if
     :: d_step { rp[s] -> g=rg[s]; r=rr[s]; q=sq[s]; l=lv[s] };                   /* apply: read */
        if
        :: d_step { MAYAPPLY(1-s,b) -> deliver() };
           if
           :: d_step {
#ifdef BUG_CLEAR_ALWAYS
                rp[s]=0;
#else
#ifdef GAP_CLEAR_REV
                if :: rr[s]==r -> rp[s]=0 :: else fi;
#else
                if :: rg[s]==g && rr[s]==r -> rp[s]=0 :: else fi;
#endif
#endif
                FORGET; CHECK }
           :: d_step { CRASH -> FORGET }                                          /* crash */
           fi
        :: d_step { CRASH -> FORGET }                                             /* crash */
        :: d_step { !MAYAPPLY(1-s,b) -> FORGET }                                  /* refused by the apply fence */
        fi
     :: d_step { swg<b && lv[s] && AGAIN ->                                                /* backfill: read */
          r=rr[s]; q=sq[s]; l=lv[s];
#ifdef GAP_NO_RESTAMP
          g=rg[s]
#else
          if :: rg[s]>b -> g=rg[s] :: else -> g=b fi
#endif
        };
        if
        :: d_step { MAYAPPLY(1-s,b) -> deliver(); if :: bfg<b -> bfg=b :: else fi; FORGET }
        :: d_step { CRASH -> FORGET }
        :: d_step { !MAYAPPLY(1-s,b) -> FORGET }
        fi
     :: d_step { swg<b && !lv[s] && AGAIN -> if :: bfg<b -> bfg=b :: else fi; FORGET }      /* backfill: no row to copy */
     :: d_step { swg<b && BFDONE ->                                               /* sweep: first close older applies */
#ifdef GAP_SWEEP_NO_CLOSE
          skip };
#else
          if :: fl[1-s]<b -> fl[1-s]=b :: else fi };
#endif
        if
        :: d_step {
             if :: rr[1-s]!=0 && rg[1-s]<b -> assert(!(lv[1-s] && tlv && sq[1-s]==tsq)); lv[1-s]=0; rg[1-s]=0; rr[1-s]=0; rp[1-s]=0
                :: else fi;
             if :: swg<b -> swg=b :: else fi; FORGET; CHECK }
        :: d_step { CRASH -> FORGET }
        fi
     :: d_step { !rp[s] && swg>=b -> FORGET }
     fi
  od
}

#ifdef GAP_SWEPT_FLAG        /* `swept` kept as a flag, not per generation */
#define SWEPT(d) (swg!=0)
#else
#define SWEPT(d) (swg==gn[d])
#endif
#ifdef GAP_BACK_UNGUARDED    /* a step back asks nothing */
#define GUARD(d,t) (PRIM(t)==(d) || (t)<sg[d] || (SWEPT(d) && !rp[d]))
#else
#define GUARD(d,t) (PRIM(t)==(d) || (SWEPT(d) && !rp[d]))
#endif
#define FORG d=0; e=0; t=0; n=0; g=0
#ifdef BUG_REVERT_SAME
#define ABEP e
#else
#define ABEP e+1
#endif
inline upReady() {           /* a copy only moves up */
  if
#ifdef GAP_COPY_BLIND
  :: ep[n]<=e+1 ->
#else
  :: ep[n]<e+1 || (ep[n]==e+1 && st[n]<READY) ->
#endif
     st[n]=READY; ep[n]=e+1; sg[n]=t; gn[n]=g
  :: else fi
}
inline openEpoch(dd, ee) {   /* create: fails if it exists, open or closed */
#ifdef BUG_REVERT_SAME
  if :: dd==M -> opm = opm | (1<<(ee)); clm = clm & ~(1<<(ee)) :: else fi
#else
#ifdef GAP_DROP_CLOSED       /* housekeeping drops closed epochs */
  opm = opm & ~clm; clm = 0;
#endif
  if :: dd==M && !((opm>>(ee))&1) && !((clm>>(ee))&1) -> opm = opm | (1<<(ee)) :: else fi
#endif
}
inline closeEpoch(dd, ee) {
#ifdef BUG_NUMBER
  if :: dd==M -> fnum = (ee)+1 :: else fi
#else
#ifdef GAP_CLOSE_ABSENT
  if :: dd==M && ((opm>>(ee))&1) -> clm = clm | (1<<(ee)) :: else fi
#else
  if :: dd==M -> clm = clm | (1<<(ee)) :: else fi
#endif
#endif
}
#ifdef BUG_CLOSE_NOWAIT
#define WAITED(d,e) true
#else
#define WAITED(d,e) (!INFL(d,e))
#endif

/* generation that a change d,e -> t brings */
inline newGen() {
  if
  :: DUAL(t) && !DUAL(sg[d]) -> g=e+1
#ifndef GAP_GEN_KEPT
  :: !DUAL(t) && DUAL(sg[d]) -> g=e+1
#endif
  :: else -> g=gn[d]
  fi
}

proctype Op() {              /* a command or a service: begins, finishes or reverts; may sleep or die after each step */
  byte d, e, t, n, g;
top:
  do
  :: DONE -> break
  :: atomic { pos<NSTEP && ((TRUST(M) && GUARD(M,NEXT(pos))) || (TRUST(P) && GUARD(P,NEXT(pos)))) ->   /* intention */
       if :: TRUST(M) -> d=M :: else -> d=P fi;
       e=ep[d]; t=NEXT(pos); n=PRIM(t); newGen(); st[d]=MOVING; CHECK }; goto fence
  :: atomic { st[M]==MOVING -> d=M; e=ep[M]; t=NEXT(pos); n=PRIM(t); newGen() }; goto fence              /* join */
  :: atomic { st[P]==MOVING -> d=P; e=ep[P]; t=NEXT(pos); n=PRIM(t); newGen() }; goto fence
  :: atomic { revs<MAXREV && (st[M]==MOVING || st[P]==MOVING) ->                                       /* revert */
       revs=revs+1; if :: st[M]==MOVING -> d=M :: else -> d=P fi;
       e=ep[d]; st[d]=OPENING; ep[d]=ABEP; e=ep[d]; CHECK }; goto opening
  :: atomic { st[M]==OPENING -> d=M; e=ep[M] }; goto opening
  :: atomic { st[P]==OPENING -> d=P; e=ep[P] }; goto opening
  :: atomic { st[M]==MOVED && st[P]==READY && ep[P]==ep[M]+1 -> d=M; e=ep[M]; n=P }; goto opennew
  :: atomic { st[P]==MOVED && st[M]==READY && ep[M]==ep[P]+1 -> d=P; e=ep[P]; n=M }; goto opennew
  od; goto fin;

fence:
#ifdef BUG_DRAIN_FIRST
  if
  :: atomic { (n==d || !rp[d]) && st[d]==MOVING && ep[d]==e -> skip }
  :: d_step { !(st[d]==MOVING && ep[d]==e) -> FORG }; goto top
  fi;
#endif
  if
  :: atomic { WAITED(d,e) -> closeEpoch(d,e); CHECK }
  :: d_step { CRASH -> FORG }; goto top
  fi;
#ifndef BUG_DRAIN_FIRST
  if                                                                       /* drain */
  :: (n==d || !rp[d])
  :: d_step { !(st[d]==MOVING && ep[d]==e) -> FORG }; goto top
  :: d_step { CRASH -> FORG }; goto top
  fi;
#endif
  if
  :: atomic { n!=d -> upReady(); CHECK }
  :: n==d
  :: d_step { CRASH -> FORG }; goto top
  fi;
  if                                                                       /* the decision */
  :: atomic { st[d]==MOVING && ep[d]==e && n!=d -> st[d]=MOVED; pos=pos+1; CHECK }; goto opennew
  :: atomic { st[d]==MOVING && ep[d]==e && n==d -> st[d]=OPENING; ep[d]=e+1; sg[d]=t; gn[d]=g; pos=pos+1; e=e+1; CHECK }; goto opening
  :: d_step { !(st[d]==MOVING && ep[d]==e) -> FORG }; goto top
  :: d_step { CRASH -> FORG }; goto top
  fi;

opennew:
  t=0; g=0;
#ifdef READER
#ifdef GAP_LEASE_THIS_EPOCH
  if :: !(lease && iE==e) -> skip :: d_step { CRASH -> FORG }; goto top fi;
#else
  if :: !(lease && iE<=e) -> skip :: d_step { CRASH -> FORG }; goto top fi;   /* acknowledged or run out, of this epoch or older */
#endif
#endif
#ifdef GAP_SETTLE_FIRST
  if :: atomic { st[n]==READY && ep[n]==e+1 -> st[n]=SETTLED; CHECK } :: else fi;
  if :: atomic { openEpoch(n,e+1); FORG; CHECK } :: d_step { CRASH -> FORG } fi; goto top;
#else
  if :: atomic { openEpoch(n,e+1); CHECK } :: d_step { CRASH -> FORG }; goto top fi;
#ifdef GAP_COPY_BLIND
  if :: atomic { ep[n]<=e+1 -> st[n]=SETTLED; ep[n]=e+1; FORG; CHECK } :: d_step { CRASH -> FORG } fi; goto top;
#else
  if :: atomic { st[n]==READY && ep[n]==e+1 -> st[n]=SETTLED; FORG; CHECK }
     :: d_step { !(st[n]==READY && ep[n]==e+1) -> FORG } :: d_step { CRASH -> FORG } fi; goto top;
#endif
#endif

opening:                                                                   /* e is the new epoch, at d itself */
  t=0; g=0; n=0;
#ifndef GAP_ABORT_LEAVES_OPEN
  if :: atomic { WAITED(d,e-1) -> closeEpoch(d,e-1); CHECK } :: d_step { CRASH -> FORG }; goto top fi;
#endif
  if :: atomic { openEpoch(d,e); CHECK } :: d_step { CRASH -> FORG }; goto top fi;
  if :: atomic { st[d]==OPENING && ep[d]==e -> st[d]=SETTLED; FORG; CHECK }
     :: d_step { !(st[d]==OPENING && ep[d]==e) -> FORG } :: d_step { CRASH -> FORG } fi; goto top;
fin: skip
}

#ifdef READER
#ifdef GAP_LEASE_UNCHECKED   /* registered or renewed without looking at the stage row again */
#define MAYLEASE true
#else
#define MAYLEASE (TRUST(iD) && ep[iD]==iE)
#endif
#ifdef BUG_NO_RECHECK
#define COUNTS true
#else
#ifdef GAP_LEASE_ANY_EPOCH
#define COUNTS (lease)
#else
#define COUNTS (lease && iE==re && no==rno)
#endif
#endif
proctype Instance() {
end:
  do
  :: d_step { !lease && TRUST(M) && iE!=ep[M] -> iD=M; iE=ep[M] }    /* learn */
  :: d_step { !lease && TRUST(P) && iE!=ep[P] -> iD=P; iE=ep[P] }
  :: d_step { !lease && iE!=0 && MAYLEASE -> lease=1 }               /* register, renew */
  :: d_step { lease -> lease=0; no=1-no }                            /* runs out, or acknowledges the move (nothing of it counts any more) */
  od
}
proctype Read() {
  byte rd, re; bit rno, old;
end:
  do
  :: d_step { lease -> rd=iD; re=iE; rno=no };                       /* asked */
     d_step { old=(maxE>re && rd!=wD) };                             /* answered by rd: has the other database acknowledged a newer write? */
     d_step { assert(!(COUNTS && old)); rd=0; re=0; rno=0; old=0 }   /* arrives */
  od
}
#endif

#ifdef ARCHIVE
byte ag, ar, aq; bit al, ak;  /* the archive: register entry and row; ak: it is written */
#ifdef GAP_RESTORE_UNFENCED
#define MAYRESTORE(d,b) true
#else
#define MAYRESTORE(d,b) MAYAPPLY(d,b)
#endif
#ifdef GAP_EMPTY_BLIND
#define OLDER(d,b) true
#else
#define OLDER(d,b) (rg[d]<(b))
#endif
proctype Archivist() {       /* believes (single primary s, generation b), however stale */
  byte s, b;
end:
  do
  :: atomic { if :: TRUST(M) && !DUAL(sg[M]) -> s=M; b=gn[M] :: TRUST(P) && !DUAL(sg[P]) -> s=P; b=gn[P] fi };
     if
     :: d_step { !ak -> ak=1; ag=rg[1-s]; ar=rr[1-s]; aq=sq[1-s]; al=lv[1-s]; s=0; b=0 }        /* archive */
     :: d_step { ak -> if :: fl[1-s]<b -> fl[1-s]=b :: else fi };                               /* emptying: first close older applies */
        if
        :: d_step { if :: OLDER(1-s,b) -> lv[1-s]=0; rg[1-s]=0; rr[1-s]=0; rp[1-s]=0 :: else fi; s=0; b=0; CHECK }
        :: d_step { CRASH -> s=0; b=0 }
        fi
     :: d_step { ak && MAYRESTORE(1-s,b) ->                                                     /* restore, into what is empty */
          if :: rr[1-s]==0 && !lv[1-s] -> rg[1-s]=ag; rr[1-s]=ar; sq[1-s]=aq; lv[1-s]=al :: else fi; s=0; b=0; CHECK }
     :: d_step { ak && !MAYRESTORE(1-s,b) -> s=0; b=0 }                                         /* refused by the apply fence */
     :: d_step { CRASH -> s=0; b=0 }
     fi
  od
}
#endif

init {
  atomic {
    st[PRIM(START)]=SETTLED; ep[PRIM(START)]=1; sg[PRIM(START)]=START; gn[PRIM(START)]=1; maxE=1; fnum=1; wD=PRIM(START);
    if :: PRIM(START)==M -> opm=2 :: else fi;
    if
    :: DUAL(START) -> swg=1; bfg=1; fl[0]=1; fl[1]=1; 
       tsq=1; tlv=1; rg[0]=1; rr[0]=1; sq[0]=1; lv[0]=1; rg[1]=1; rr[1]=1; sq[1]=1; lv[1]=1; st[1-PRIM(START)]=MOVED; 
    :: else ->
       if :: true :: tsq=1; tlv=1; rg[PRIM(START)]=1; rr[PRIM(START)]=1; sq[PRIM(START)]=1; lv[PRIM(START)]=1 fi
    fi;
    run Writer(0);
#if NW>1
    run Writer(1);
#endif
#ifdef READER
    run Instance(); run Read();
#endif
#ifdef ARCHIVE
    run Archivist();
#endif
    run Worker();
#if NK>1
    run Worker();
#endif
    run Op();
#if NOP>1
    run Op()
#endif
  }
}

#ifdef PROGRESS
ltl finishes { <> DONE }
#endif
