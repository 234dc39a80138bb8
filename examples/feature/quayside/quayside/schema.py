"""Tables of the one database."""

TABLES = """
create table if not exists harbours (id text primary key, name text not null, time_zone text not null, depth_cm integer);
create table if not exists berths (
    id text primary key, harbour_id text not null, length_cm integer not null, draught_cm integer not null,
    power integer not null default 0, closed integer not null default 0);
create table if not exists vessels (
    id integer primary key, name text not null, length_cm integer not null, draught_cm integer not null,
    owner text not null, mobile text);
create table if not exists bookings (
    id integer primary key, berth_id text not null, vessel_id integer not null, first text not null, last text not null,
    state text not null, price_cents integer not null, placed text not null);
create table if not exists tides (harbour_id text not null, moment text not null, height_cm integer not null);
create table if not exists changes (
    id integer primary key autoincrement, topic text not null, subject text not null, at text not null);
create table if not exists users (token text primary key, name text not null, role text not null, harbour_id text);
"""
