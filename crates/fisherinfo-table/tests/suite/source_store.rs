//! Tables in an object store against the same files on the disk.

use crate::source::{HEADER, bits, files, fit_of, gzip, streamed, table, zstandard};
use async_trait::async_trait;
use fisherinfo_table::Missing;
use fisherinfo_table::glm::Family;
use fisherinfo_table::source::{ObjectError, SourceError, TableFiles, register_object_store};
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetRange, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What is said of an object of that name.
type Refusal = fn(String) -> Error;

/// A store in memory that notes which ranges are asked for, and refuses some.
#[derive(Debug, Default)]
struct Store {
    objects: InMemory,
    asked: Mutex<Vec<std::ops::Range<u64>>>,
    /// From which byte on, and how.
    refusal: Mutex<Option<(u64, Refusal)>>,
}

impl std::fmt::Display for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.objects)
    }
}

#[async_trait]
impl ObjectStore for Store {
    async fn put_opts(&self, at: &Path, bytes: PutPayload, o: PutOptions) -> Result<PutResult> {
        self.objects.put_opts(at, bytes, o).await
    }

    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.objects.put_multipart_opts(at, options).await
    }

    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        if let Some(GetRange::Bounded(range)) = &options.range {
            self.asked.lock().unwrap().push(range.clone());
        }
        let from = match &options.range {
            Some(GetRange::Bounded(range)) => range.start,
            _ => 0,
        };
        if let Some((start, refusal)) = *self.refusal.lock().unwrap()
            && from >= start
        {
            return Err(refusal(at.to_string()));
        }
        self.objects.get_opts(at, options).await
    }

    fn delete_stream(
        &self,
        at: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.objects.delete_stream(at)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.objects.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.objects.copy_opts(from, to, options).await
    }
}

fn done<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(work)
}

/// A bucket with these objects, under a name of its own.
fn bucket(name: &str, objects: &[(&str, Vec<u8>)]) -> Arc<Store> {
    let store = Arc::new(Store::default());
    for (key, bytes) in objects {
        put(&store, key, bytes);
    }
    register_object_store(name, Arc::clone(&store) as Arc<dyn ObjectStore>).unwrap();
    store
}

fn put(store: &Store, key: &str, bytes: &[u8]) {
    done(store.put(&Path::parse(key).unwrap(), bytes.to_vec().into())).unwrap();
}

fn fit(paths: &[PathBuf], formula: &str) -> Vec<u64> {
    let design = streamed(paths, formula, Missing::Drop).unwrap();
    bits(&fit_of(design, Family::Poisson).unwrap())
}

fn refusal(urls: &[&str]) -> String {
    let paths: Vec<PathBuf> = urls.iter().map(PathBuf::from).collect();
    let error = TableFiles::find(&paths).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn objects_of_every_compression_are_the_files() {
    let rows = table(5, 400);
    let text = |rows: &[String]| format!("{HEADER}{}", rows.concat()).into_bytes();
    let objects = [
        ("été/part 1.csv", text(&rows[..100])),
        ("été/part 2.csv.gz", gzip(&text(&rows[100..220]))),
        ("été/part 3", zstandard(&text(&rows[220..300]))),
        ("été/part 4.csv", Vec::new()),
        ("été/part 5.csv", text(&rows[300..])),
    ];
    bucket("memory://compressed", &objects);
    let local: Vec<(&str, Vec<u8>)> = objects
        .iter()
        .map(|(key, bytes)| (key.split_once('/').unwrap().1, bytes.clone()))
        .collect();
    let (_folder, paths) = files(&local);
    let formula = "y ~ x + group:C(ward)";
    let wanted = fit(&paths, formula);
    assert_eq!(
        fit(&["memory://compressed/été/part ?*".into()], formula),
        wanted
    );
    let urls = objects.map(|(key, _)| PathBuf::from(format!("memory://compressed/{key}")));
    assert_eq!(fit(&urls, formula), wanted);
    // One on the disk and the others in a store.
    let mut mixed = urls.to_vec();
    mixed[1] = paths[1].clone();
    assert_eq!(fit(&mixed, formula), wanted);
}

#[test]
fn a_long_object_is_read_in_ranges_that_follow_each_other() {
    let rows = table(9, 400_000);
    let text = format!("{HEADER}{}", rows.concat()).into_bytes();
    let size = text.len() as u64;
    assert!(size > 9 << 20);
    let store = bucket("memory://long", &[("a.csv", text.clone())]);
    let (_folder, paths) = files(&[("a.csv", text)]);
    let design = streamed(&["memory://long/a.csv".into()], "y ~ x", Missing::Drop).unwrap();
    // The header by itself, and one pass.
    let mut asked = std::mem::take(&mut *store.asked.lock().unwrap());
    assert!(asked.iter().all(|range| range.end - range.start <= 4 << 20));
    let bytes = |asked: &[std::ops::Range<u64>]| -> u64 {
        asked.iter().map(|range| range.end - range.start).sum()
    };
    assert!(bytes(&asked) <= 2 * size, "{asked:?}");
    asked.sort_by_key(|range| range.start);
    asked.dedup();
    assert_eq!(bytes(&asked), size);
    assert!(asked.windows(2).all(|pair| pair[0].end == pair[1].start));
    let found = bits(&fit_of(design, Family::Poisson).unwrap());
    assert_eq!(found, fit(&paths, "y ~ x"));
}

#[test]
fn patterns_have_the_order_of_files() {
    let part = |y: u8| format!("y,x\n{y},1\n").into_bytes();
    let names = [
        "data/a/1.csv",
        "data/a/b/2.csv",
        "data/a-c.csv",
        "data/a[1].csv",
        "data/c.tsv",
    ];
    let objects: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (*name, part(1))).collect();
    bucket("memory://patterns", &objects);
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, part(1)).unwrap();
    }
    for (pattern, count) in [
        ("data/**/*.csv", 4),
        ("data/*.csv", 2),
        ("data/*/*.csv", 1),
        ("data/a*", 2),
        ("data/a[1].csv", 1),
        ("data/a[-]c.csv", 1),
        ("data/?.tsv", 1),
        ("**/2.csv", 1),
    ] {
        let there = TableFiles::find(&[format!("memory://patterns/{pattern}")]).unwrap();
        let here = TableFiles::find(&[folder.path().join(pattern)]).unwrap();
        let tail = |files: &TableFiles, root: &str| -> Vec<String> {
            let names = files.paths().into_iter();
            let names = names.map(|path| path.display().to_string());
            names
                .map(|name| name[root.len() + 1..].to_owned())
                .collect()
        };
        let there = tail(&there, "memory://patterns");
        assert_eq!(there, tail(&here, &folder.path().display().to_string()));
        assert_eq!(there.len(), count, "{pattern} {there:?}");
    }
}

#[test]
fn an_object_that_changes_between_passes_is_an_error() {
    let (one, other) = (b"y,x\n1,2\n3,4\n5,5\n2,1\n", b"y,x\n1,2\n3,4\n5,6\n2,1\n");
    let store = bucket("memory://changing", &[("a.csv", one.to_vec())]);
    let url = [PathBuf::from("memory://changing/a.csv")];
    let fingerprint = || TableFiles::find(&url).unwrap().fingerprint();
    let before = fingerprint();
    for change in [
        |store: &Store, other: &[u8]| put(store, "a.csv", other),
        |store: &Store, other: &[u8]| put(store, "a.csv", &other[..12]),
        |store: &Store, _: &[u8]| done(store.delete(&Path::from("a.csv"))).unwrap(),
    ] {
        put(&store, "a.csv", one);
        let design = streamed(&url, "y ~ x", Missing::Fail).unwrap();
        change(&store, other);
        let error = fit_of(design, Family::Gaussian).unwrap_err().to_string();
        assert_eq!(
            error,
            "memory://changing/a.csv: the object was changed or removed while it was read; fit again \
             when nothing writes to it"
        );
    }
    put(&store, "a.csv", other);
    assert_ne!(fingerprint(), before);
}

#[test]
fn names_of_nothing() {
    bucket("memory://names", &[("data/a.csv", b"y,x\n1,2\n".to_vec())]);
    assert_eq!(
        refusal(&["memory://names/data/b.csv"]),
        "memory://names/data/b.csv: no such object; check its name and its bucket"
    );
    for folder in ["memory://names/data", "memory://names/data/"] {
        assert_eq!(
            refusal(&[folder]),
            "memory://names/data: this is a folder; name objects in it, or put a pattern: \
             memory://names/data/*"
        );
    }
    assert!(refusal(&["memory://names"]).contains("this is a folder"));
    assert!(
        refusal(&["memory://names/data/*.gz"]).contains("no file matches memory://names/data/*.gz")
    );
    assert!(refusal(&["memory://names/a//b.csv"]).contains("memory://names/a//b.csv: "));
    assert!(
        refusal(&["s3:///key.csv"])
            .contains("s3:///key.csv: no bucket is named; write s3://bucket/key")
    );
    assert!(
        refusal(&["https://example.org/a.csv"]).contains("no store is known for such addresses")
    );
    let store = || Arc::new(InMemory::new());
    let error = register_object_store("memory://names/data", store()).unwrap_err();
    assert!(matches!(error, ObjectError::Address { .. }));
    assert!(register_object_store("names", store()).is_err());
}

#[test]
fn a_store_that_fails_half_way_is_told_as_such() {
    let rows = table(3, 300_000);
    let text = format!("{HEADER}{}", rows.concat()).into_bytes();
    assert!(text.len() > 5 << 20);
    // Of a decoder that bytes do not reach, it would say that the file is damaged.
    let stored = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut encoder, &text).unwrap();
        encoder.finish().unwrap()
    };
    let store = bucket("s3://failing", &[("a.csv", text), ("b.csv.gz", stored)]);
    let failures: [(Refusal, &str); 3] = [
        (
            |path| Error::PermissionDenied {
                path,
                source: "Server returned non-2xx status code: 403: <Code>AccessDenied</Code>"
                    .into(),
            },
            ": access is denied (AccessDenied); set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and \
             AWS_REGION to an account that may read and list it, or AWS_SKIP_SIGNATURE=true for a \
             public bucket",
        ),
        (
            |_| Error::Generic {
                store: "S3",
                source: Box::new(std::io::Error::from(std::io::ErrorKind::ConnectionRefused)),
            },
            ": the store cannot be reached (connection refused); check the network and AWS_REGION, \
             and for a server of your own AWS_ENDPOINT, with AWS_ALLOW_HTTP=true where that begins \
             with http:",
        ),
        (
            |_| Error::Generic {
                store: "S3",
                source: "Server returned non-2xx status code: 503: <Code>SlowDown</Code>".into(),
            },
            ": the store refuses: SlowDown",
        ),
    ];
    for key in ["a.csv", "b.csv.gz"] {
        let url = format!("s3://failing/{key}");
        for (failure, wanted) in failures {
            *store.refusal.lock().unwrap() = Some((1 << 20, failure));
            let error = streamed(&[url.clone().into()], "y ~ x", Missing::Drop).unwrap_err();
            assert!(matches!(error, SourceError::Object(_)), "{error:?}");
            assert_eq!(error.to_string(), format!("{url}{wanted}"));
            // From the first question on.
            *store.refusal.lock().unwrap() = Some((0, failure));
            assert_eq!(refusal(&[&url]), format!("{url}{wanted}"));
            *store.refusal.lock().unwrap() = None;
        }
    }
}

#[cfg(feature = "columnar")]
mod columnar {
    use super::{bucket, put};
    use crate::source::{bits, files, fit_of, streamed};
    use crate::source_columnar::{arrow, batch, csv, parquet};
    use arrow_array::RecordBatch;
    use fisherinfo_table::Missing;
    use fisherinfo_table::glm::Family;
    use parquet::arrow::ArrowWriter;
    use parquet::basic::Compression;
    use parquet::file::properties::WriterProperties;
    use std::path::PathBuf;

    const FORMULA: &str = "y ~ x + small + flag + group + ward";

    fn fit(path: &str) -> Vec<u64> {
        let design = streamed(&[PathBuf::from(path)], FORMULA, Missing::Drop).unwrap();
        bits(&fit_of(design, Family::Poisson).unwrap())
    }

    /// Larger files than those with dictionaries.
    fn without_dictionaries(batch: &RecordBatch, row_group: usize) -> Vec<u8> {
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(row_group))
            .set_dictionary_enabled(false)
            .build();
        let mut bytes = Vec::new();
        let writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties));
        let mut writer = writer.unwrap();
        writer.write(batch).unwrap();
        writer.close().unwrap();
        bytes
    }

    /// Larger than what is read of the end, in row groups that are and are not.
    #[test]
    fn objects_of_columns_are_the_files() {
        let batch = batch(11, 260_000);
        let objects = [
            ("a.parquet", without_dictionaries(&batch, 100_000)),
            ("b.parquet", without_dictionaries(&batch, 7_000)),
            ("c.arrow", arrow(&batch, 60_000, false)),
            ("d.arrow", arrow(&batch, 60_000, true)),
        ];
        for (_, bytes) in &objects {
            assert!(bytes.len() > 3 << 20, "{}", bytes.len());
        }
        let store = bucket("memory://columns", &objects);
        let (_folder, paths) = files(&[("a.csv", csv(&batch))]);
        let wanted = fit(paths[0].to_str().unwrap());
        for (name, bytes) in &objects {
            assert_eq!(fit(&format!("memory://columns/{name}")), wanted, "{name}");
            let asked = std::mem::take(&mut *store.asked.lock().unwrap());
            assert!(asked.iter().all(|range| range.end - range.start <= 4 << 20));
            // Several passes, and of each no byte twice but for the end and the first bytes.
            let passes = 12;
            let read: u64 = asked.iter().map(|range| range.end - range.start).sum();
            let most = passes * (bytes.len() as u64 + (6 << 20));
            assert!(read < most, "{name} {read} {most}");
        }
    }

    #[test]
    fn objects_cut_short_are_damaged_and_those_that_change_have_changed() {
        let batch = batch(7, 100);
        for (name, bytes) in [
            ("a.parquet", parquet(&batch, 30, Compression::SNAPPY)),
            ("a.arrow", arrow(&batch, 30, false)),
        ] {
            let store = bucket("memory://short", &[(name, bytes.clone())]);
            let url = [PathBuf::from(format!("memory://short/{name}"))];
            let design = streamed(&url, FORMULA, Missing::Drop).unwrap();
            for length in (1..bytes.len()).step_by(397) {
                put(&store, name, &bytes[..length]);
                let error = streamed(&url, FORMULA, Missing::Drop)
                    .unwrap_err()
                    .to_string();
                assert!(
                    error.contains("was cut short or is damaged"),
                    "{length} {error}"
                );
            }
            let error = fit_of(design, Family::Poisson).unwrap_err().to_string();
            assert!(error.contains("was changed or removed"), "{error}");
        }
    }
}

/// Workers find an object again by what was found of it, and refuse another of its name.
mod elsewhere {
    use super::{bucket, put};
    use crate::source::{HEADER, bits, gzip, table};
    use fisherinfo_table::distributed::{PartialSums, Request, Workers};
    use fisherinfo_table::glm::{Family, Regression, RowsError};
    use fisherinfo_table::source::{RowRoles, StreamedDesign, TableFiles};
    use fisherinfo_table::{DesignOptions, Formula, Missing};
    use std::sync::Arc;

    #[derive(Debug)]
    struct Elsewhere;

    impl Workers for Elsewhere {
        fn sum(&self, _: &str, request: &Request) -> Result<PartialSums, RowsError> {
            let request = Request::decode(&request.encode()).map_err(RowsError::new)?;
            let mut all = PartialSums::nothing();
            for partition in (0..request.partitions()).rev() {
                all.merge(request.sums_of(partition));
            }
            Ok(all)
        }
    }

    #[test]
    fn partitions_of_objects() {
        let rows = table(21, 900);
        let part = |rows: &[String]| format!("{HEADER}{}", rows.concat()).into_bytes();
        let parts = [
            ("a/1.csv", part(&rows[..300])),
            ("a/2.csv.gz", gzip(&part(&rows[300..]))),
        ];
        let store = bucket("memory://elsewhere", &parts);
        let formula = Formula::parse("y ~ x + group").unwrap();
        let options = DesignOptions {
            missing: Missing::Drop,
            ..DesignOptions::default()
        };
        let files = TableFiles::find(&["memory://elsewhere/a/*"]).unwrap();
        let roles = RowRoles::default;
        let here =
            StreamedDesign::with_roles(files.clone(), &formula, &options, roles(), None).unwrap();
        let terms = here.terms().to_vec();
        let here = Regression::streamed(Arc::new(here), &terms, Some(0), None).unwrap();
        let workers = Arc::new(Elsewhere);
        let there =
            StreamedDesign::on_workers(files, &formula, &options, roles(), workers, None).unwrap();
        let there = Regression::distributed(Arc::new(there), None).unwrap();
        let link = Family::Poisson.default_link();
        let wanted = here.fit(Family::Poisson, link).unwrap();
        let found = there.fit(Family::Poisson, link).unwrap();
        assert_eq!(bits(found.coefficients()), bits(wanted.coefficients()));
        put(&store, "a/1.csv", &part(&rows[1..301]));
        let error = there.fit(Family::Poisson, link).unwrap_err().to_string();
        assert!(
            error.contains("memory://elsewhere/a/1.csv: the object was changed or removed"),
            "{error}"
        );
    }
}
