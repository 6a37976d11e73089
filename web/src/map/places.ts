// Towns that help to find one's way: our own small selection, positions rounded to about 1 km.
// A name here says nothing about status. Rank 1 is shown first, rank 3 only close up.

export type Town = [name: string, lat_deg: number, lon_deg: number, rank: 1 | 2 | 3];

export const TOWNS: readonly Town[] = [
  ['Kyiv', 50.45, 30.52, 1], ['Kharkiv', 49.99, 36.23, 1], ['Odesa', 46.48, 30.73, 1],
  ['Dnipro', 48.46, 35.05, 1], ['Donetsk', 48.0, 37.8, 1], ['Zaporizhzhia', 47.84, 35.14, 1],
  ['Lviv', 49.84, 24.03, 1], ['Sevastopol', 44.61, 33.53, 1], ['Simferopol', 44.95, 34.1, 2],
  ['Mariupol', 47.1, 37.55, 2], ['Luhansk', 48.57, 39.31, 1], ['Kherson', 46.64, 32.61, 1],
  ['Mykolaiv', 46.97, 32.0, 2], ['Sumy', 50.91, 34.8, 2], ['Poltava', 49.59, 34.55, 2],
  ['Chernihiv', 51.49, 31.29, 2], ['Vinnytsia', 49.23, 28.47, 2], ['Zhytomyr', 50.25, 28.66, 3],
  ['Kropyvnytskyi', 48.51, 32.26, 3], ['Cherkasy', 49.44, 32.06, 3], ['Rivne', 50.62, 26.25, 3],
  ['Ternopil', 49.55, 25.59, 3], ['Uzhhorod', 48.62, 22.29, 3], ['Chernivtsi', 48.29, 25.94, 3],
  ['Kramatorsk', 48.74, 37.58, 2], ['Sloviansk', 48.85, 37.61, 3], ['Bakhmut', 48.6, 38.0, 3],
  ['Pokrovsk', 48.28, 37.18, 2], ['Kupiansk', 49.71, 37.61, 2], ['Izium', 49.21, 37.26, 3],
  ['Lyman', 48.99, 37.81, 3], ['Sievierodonetsk', 48.95, 38.49, 3], ['Svatove', 49.41, 38.16, 3],
  ['Starobilsk', 49.28, 38.91, 3], ['Vuhledar', 47.78, 37.25, 3], ['Huliaipole', 47.66, 36.26, 3],
  ['Orikhiv', 47.57, 35.79, 3], ['Tokmak', 47.25, 35.71, 3], ['Melitopol', 46.85, 35.37, 2],
  ['Berdiansk', 46.76, 36.8, 2], ['Enerhodar', 47.5, 34.65, 3], ['Nikopol', 47.57, 34.39, 3],
  ['Nova Kakhovka', 46.75, 33.37, 3], ['Henichesk', 46.17, 34.8, 3], ['Armiansk', 46.11, 33.69, 3],
  ['Kerch', 45.36, 36.47, 2], ['Feodosia', 45.03, 35.38, 3], ['Yalta', 44.5, 34.17, 3],
  ['Izmail', 45.35, 28.84, 3], ['Chornomorsk', 46.3, 30.66, 3], ['Vovchansk', 50.29, 36.94, 3],
  ['Chisinau', 47.01, 28.86, 1], ['Bucharest', 44.43, 26.1, 1], ['Constanța', 44.17, 28.64, 2],
  ['Varna', 43.21, 27.91, 2], ['Burgas', 42.5, 27.47, 3], ['Istanbul', 41.01, 28.98, 1],
  ['Samsun', 41.29, 36.33, 2], ['Trabzon', 41.0, 39.72, 3], ['Zonguldak', 41.45, 31.79, 3],
  ['Batumi', 41.65, 41.64, 3], ['Novorossiysk', 44.72, 37.77, 2], ['Sochi', 43.6, 39.73, 3],
  ['Rostov-on-Don', 47.24, 39.71, 1], ['Taganrog', 47.24, 38.9, 3], ['Belgorod', 50.6, 36.59, 2],
  ['Kursk', 51.73, 36.19, 2], ['Voronezh', 51.67, 39.18, 2], ['Bryansk', 53.24, 34.36, 3],
  ['Krasnodar', 45.04, 38.98, 2], ['Minsk', 53.9, 27.57, 1], ['Homel', 52.42, 31.01, 2],
  ['Warsaw', 52.23, 21.01, 1], ['Rzeszów', 50.04, 22.0, 3], ['Moscow', 55.76, 37.62, 1],
  ['Ankara', 39.93, 32.86, 1], ['Sofia', 42.7, 23.32, 2], ['Budapest', 47.5, 19.04, 2],
];
