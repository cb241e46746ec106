"""FastAPI with SQLAlchemy's asyncio extension: mapped classes, pydantic models that read them, a session a request."""

import datetime
import os
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import Column, DateTime, ForeignKey, Select, Table, event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship, selectinload

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}
TUNING = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "cache_size=-20000",
    "mmap_size=134217728",
    "wal_autocheckpoint=10000",
)

url = urlsplit(os.environ["DATABASE_URL"])
POOL = {} if url.scheme == "sqlite" else {"pool_size": 10}
engine = create_async_engine(url._replace(scheme=DRIVERS[url.scheme]).geturl(), **POOL)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI(openapi_url=None)


@event.listens_for(engine.sync_engine, "connect")
def tune(connection: Any, record: Any) -> None:
    """Give SQLite the settings that the Django peers have."""
    if url.scheme == "sqlite":
        for pragma in TUNING:
            connection.execute(f"PRAGMA {pragma}")


class Base(DeclarativeBase):
    """The tables that Headwater's migrations made."""


def now() -> datetime.datetime:
    """Return the time, as the database keeps it."""
    time = datetime.datetime.now(datetime.UTC)
    return time.replace(tzinfo=None) if url.scheme == "sqlite" else time


Time = datetime.datetime
ZONED = DateTime(timezone=True)

spoken = Table(
    "places_country_languages",
    Base.metadata,
    Column("country_id", ForeignKey("places_country.alpha_2")),
    Column("language_id", ForeignKey("places_language.code")),
)


class Language(Base):
    """A language."""

    __tablename__ = "places_language"
    id: Mapped[str] = mapped_column("code", primary_key=True)
    alpha_3: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[Time] = mapped_column(ZONED)
    updated_at: Mapped[Time] = mapped_column(ZONED)
    revision: Mapped[int]


class Country(Base):
    """A country."""

    __tablename__ = "places_country"
    id: Mapped[str] = mapped_column("alpha_2", primary_key=True)
    alpha_3: Mapped[str]
    numeric: Mapped[str | None]
    name: Mapped[str]
    continent: Mapped[str]
    capital: Mapped[str]
    area_km2: Mapped[int | None]
    population: Mapped[int]
    currency_id: Mapped[str | None]
    tld: Mapped[str]
    phone_prefix: Mapped[str]
    created_at: Mapped[Time] = mapped_column(ZONED)
    updated_at: Mapped[Time] = mapped_column(ZONED)
    revision: Mapped[int]
    languages: Mapped[list[Language]] = relationship(secondary=spoken)


class City(Base):
    """A city."""

    __tablename__ = "places_city"
    id: Mapped[int] = mapped_column("geonameid", primary_key=True)
    name: Mapped[str]
    country_id: Mapped[str] = mapped_column(ForeignKey(Country.id))
    subdivision_id: Mapped[str | None]
    population: Mapped[int]
    latitude: Mapped[float]
    longitude: Mapped[float]
    timezone: Mapped[str]
    is_capital: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Time] = mapped_column(ZONED, default=now)
    updated_at: Mapped[Time] = mapped_column(ZONED, default=now)
    revision: Mapped[int] = mapped_column(default=1)
    country: Mapped[Country] = relationship()


class Out(BaseModel):
    """What is shown of any row."""

    model_config = ConfigDict(from_attributes=True)
    created_at: Time
    updated_at: Time
    revision: int


class LanguageOut(Out):
    """A language."""

    id: str
    alpha_3: str
    name: str


def keys(rows: Sequence[Any]) -> list[str]:
    """Return the keys of related rows."""
    return [row.id for row in rows]


class CountryOut(Out):
    """A country, with the keys of its languages."""

    id: str
    alpha_3: str
    numeric: str | None
    name: str
    continent: str
    capital: str
    area_km2: int | None
    population: int
    currency_id: str | None
    languages: Annotated[Any, BeforeValidator(keys)]
    tld: str
    phone_prefix: str


class CountryWithLanguages(CountryOut):
    """A country with its languages as objects."""

    languages: list[LanguageOut]


class CityOut(Out):
    """A city."""

    id: int
    name: str
    country_id: str
    subdivision_id: str | None
    population: int
    latitude: float
    longitude: float
    timezone: str
    is_capital: bool


class CityWithCountry(CityOut):
    """A city with its country as an object."""

    country: CountryOut


class CityIn(BaseModel):
    """What makes a city."""

    id: int
    name: str = Field(max_length=200)
    country_id: str = Field(alias="country")
    subdivision_id: str | None = Field(None, alias="subdivision")
    population: int = Field(ge=0)
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    timezone: str = Field(max_length=50)
    is_capital: bool = False


async def session() -> AsyncIterator[AsyncSession]:
    """Open a session for a request."""
    async with sessions() as opened:
        yield opened


class Filters(BaseModel):
    """How cities are filtered."""

    country: str | None = None
    population__gte: int | None = None
    latitude__gte: float | None = None

    def applied(self, query: Select[Any]) -> Select[Any]:
        """Return a query with the conditions."""
        if self.country is not None:
            query = query.where(City.country_id == self.country)
        if self.population__gte is not None:
            query = query.where(City.population >= self.population__gte)
        if self.latitude__gte is not None:
            query = query.where(City.latitude >= self.latitude__gte)
        return query


Session = Annotated[AsyncSession, Depends(session)]
Filtered = Annotated[Filters, Depends()]
ORDER = (City.population.desc(), City.id.desc())


@app.get("/cities")
async def cities(session: Session, filters: Filtered, limit: int = 50, offset: int = 0) -> list[CityOut]:
    """List cities."""
    query = filters.applied(select(City)).order_by(*ORDER).limit(limit).offset(offset)
    found: Sequence[Any] = (await session.scalars(query)).all()
    return found  # type: ignore[return-value]


@app.get("/cities/with-country")
async def cities_with_country(session: Session, filters: Filtered, limit: int = 50) -> list[CityWithCountry]:
    """List cities with their countries."""
    query = filters.applied(select(City)).order_by(*ORDER).limit(limit)
    loaded = query.options(joinedload(City.country).selectinload(Country.languages))
    return (await session.scalars(loaded)).all()  # type: ignore[return-value]


@app.get("/cities/count")
async def count(session: Session, filters: Filtered) -> dict[str, int]:
    """Count cities."""
    return {"count": await session.scalar(filters.applied(select(func.count(City.id)))) or 0}


@app.get("/cities/{key}")
async def city(session: Session, key: int) -> CityOut:
    """Read one city."""
    found = await session.get(City, key)
    if found is None:
        raise HTTPException(404)
    return found  # type: ignore[return-value]


@app.post("/cities", status_code=201)
async def create(session: Session, body: CityIn) -> CityOut:
    """Create a city."""
    made = City(**body.model_dump())
    session.add(made)
    await session.commit()
    return made  # type: ignore[return-value]


@app.get("/countries")
async def countries(session: Session, population__lte: int, limit: int = 50) -> list[CountryWithLanguages]:
    """List countries with their languages."""
    query = select(Country).where(Country.population <= population__lte).options(selectinload(Country.languages))
    ordered = query.order_by(Country.population.desc(), Country.id.desc()).limit(limit)
    return (await session.scalars(ordered)).all()  # type: ignore[return-value]
